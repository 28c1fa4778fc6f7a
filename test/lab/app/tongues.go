package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// tongue is the language that the logs are written in: the same failure is told as programs of that language tell it.
var tongue = "go"

func say(level, message string, err error) {
	now := time.Now().UTC()
	switch tongue {
	case "java":
		fmt.Printf("%s %5s 1 --- [           main] c.e.service.Application : %s\n", now.Format("2006-01-02T15:04:05.000Z"), strings.ToUpper(level), message)
	case "python":
		fmt.Printf("%s:app.main:%s\n", strings.ToUpper(level), message)
	case "node":
		fmt.Println(message)
	case "json":
		fields := map[string]string{"level": level, "msg": message, "time": now.Format(time.RFC3339)}
		if err != nil {
			fields["error"] = err.Error()
		}
		text, _ := json.Marshal(fields)
		fmt.Println(string(text))
		return
	default:
		fmt.Printf("%s %s %s\n", now.Format("2006/01/02 15:04:05"), strings.ToUpper(level), message)
	}
	if err != nil {
		fmt.Println(err)
	}
}

// failed tells an error of the network or the disk.
func failed(what string, err error) {
	host, port := target(err, what)
	at := net.JoinHostPort(host, port)
	var unknown *net.DNSError
	kind := ""
	switch {
	case errors.As(err, &unknown) && unknown.IsTimeout:
		kind = "dns-timeout"
	case errors.As(err, &unknown):
		kind = "unknown-host"
	case errors.Is(err, syscall.ECONNREFUSED):
		kind = "refused"
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		kind = "timeout"
	}
	words := map[string]map[string]string{
		"java": {
			"unknown-host": "java.net.UnknownHostException: " + host,
			"dns-timeout":  "java.net.UnknownHostException: " + host + ": Temporary failure in name resolution",
			"refused":      "java.net.ConnectException: Connection refused: " + strings.Replace(at, ":", "/", 1),
			"timeout":      "java.net.SocketTimeoutException: connect timed out: " + at,
		},
		"python": {
			"unknown-host": fmt.Sprintf("requests.exceptions.ConnectionError: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>: Failed to establish a new connection: [Errno -2] Name or service not known'))", host, port),
			"dns-timeout":  fmt.Sprintf("requests.exceptions.ConnectionError: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution'))", host, port),
			"refused":      fmt.Sprintf("requests.exceptions.ConnectionError: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>: Failed to establish a new connection: [Errno 111] Connection refused'))", host, port),
			"timeout":      fmt.Sprintf("requests.exceptions.ConnectTimeout: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>, 'Connection to %s timed out. (connect timeout=3)'))", host, port, host),
		},
		"node": {
			"unknown-host": "Error: getaddrinfo ENOTFOUND " + host,
			"dns-timeout":  "Error: getaddrinfo EAI_AGAIN " + host,
			"refused":      "Error: connect ECONNREFUSED " + at,
			"timeout":      "Error: connect ETIMEDOUT " + at,
		},
	}
	if text := words[tongue][kind]; text != "" {
		err = errors.New(text)
	} else if errors.Is(err, fs.ErrPermission) && tongue == "python" {
		err = fmt.Errorf("PermissionError: [Errno 13] Permission denied: '%s'", pathOf(err))
	} else if errors.Is(err, syscall.ENOSPC) && tongue == "java" {
		err = errors.New("java.io.IOException: No space left on device")
	}
	if tongue == "go" {
		say("error", what+": "+err.Error(), nil)
		return
	}
	say("error", what, err)
}

func databaseFailed(address string, err error) {
	var network net.Error
	if errors.As(err, &network) {
		failed("could not connect to database", err)
		return
	}
	switch tongue {
	case "java":
		err = fmt.Errorf("org.postgresql.util.PSQLException: %w", err)
	case "python":
		host, port, _ := net.SplitHostPort(address)
		err = fmt.Errorf("psycopg2.OperationalError: connection to server at %q, port %s failed: %w", host, port, err)
	case "node":
		err = fmt.Errorf("error: %w", err)
	}
	say("error", "database query failed", err)
}

func missingVariable(name string) {
	switch tongue {
	case "java":
		say("error", fmt.Sprintf("Could not resolve placeholder '%s' in value \"${%s}\"", name, name), nil)
	case "python":
		fmt.Printf("Traceback (most recent call last):\n  File \"/app/main.py\", line 12, in <module>\n    value = os.environ[\"%s\"]\nKeyError: '%s'\n", name, name)
	case "node":
		fmt.Printf("Error: Environment variable %s is undefined\n", name)
	default:
		say("fatal", fmt.Sprintf("required environment variable %s is not set", name), nil)
	}
}

func badSettings(path string, err error) {
	switch tongue {
	case "java":
		say("error", "Application run failed", fmt.Errorf("org.springframework.boot.context.config.ConfigDataException: could not load settings from %s: %w", path, err))
	case "python":
		fmt.Printf("Traceback (most recent call last):\n  File \"/app/settings.py\", line 31, in load\n    return Settings(**json.load(open(\"%s\")))\nValueError: %v\n", path, err)
	case "node":
		fmt.Printf("ConfigError: cannot load %s: %v\n    at loadConfig (/app/src/config.js:18:11)\n", path, err)
	default:
		say("fatal", fmt.Sprintf("cannot load configuration %s: %v", path, err), nil)
	}
}

// thrown tells an error of the program itself.
func thrown(where, what string) {
	switch tongue {
	case "java":
		say("error", "request failed", fmt.Errorf("java.lang.ArithmeticException: %s\n\tat com.example.service.%s.apply(%s.java:88)", what, where, where))
	case "python":
		fmt.Printf("Traceback (most recent call last):\n  File \"/app/%s.py\", line 88, in apply\nZeroDivisionError: %s\n", strings.ToLower(where), what)
	case "node":
		fmt.Printf("RangeError: %s\n    at %s.apply (/app/src/%s.js:88:13)\n", what, where, where)
	default:
		say("error", fmt.Sprintf("%s: runtime error: integer %s", where, what), nil)
	}
}

// target is what a failed connection was for: the name that was asked for where the text says it.
func target(err error, what string) (string, string) {
	if _, rest, found := strings.Cut(what, "://"); found {
		name, _, _ := strings.Cut(strings.SplitN(rest, " ", 2)[0], "/")
		if host, port, split := net.SplitHostPort(name); split == nil {
			return host, port
		}
		return name, "80"
	}
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		return unknown.Name, "0"
	}
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Addr != nil {
		if host, port, split := net.SplitHostPort(operation.Addr.String()); split == nil {
			return host, port
		}
	}
	return "upstream", "0"
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

func pathOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path
	}
	return ""
}
