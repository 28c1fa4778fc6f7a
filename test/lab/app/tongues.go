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
	case "dotnet":
		fmt.Printf("%s: Service.Worker[0]\n      %s\n", map[string]string{"info": "info", "error": "fail", "fatal": "crit"}[level], message)
	case "ruby":
		fmt.Printf("%c, [%s #1] %5s -- : %s\n", strings.ToUpper(level)[0], now.Format("2006-01-02T15:04:05.000000"), strings.ToUpper(level), message)
	case "rust":
		fmt.Printf("%s %5s service: %s\n", now.Format("2006-01-02T15:04:05.000000Z"), strings.ToUpper(level), message)
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
func failed(what, url string, err error) {
	host, port := target(err, url)
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
	if text := networkWords(tongue, kind, host, port, url); text != "" {
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
		failed("could not connect to database", "", err)
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
	case "dotnet":
		err = fmt.Errorf("Npgsql.PostgresException (0x80004005): %w", err)
	case "ruby":
		err = fmt.Errorf("PG::ConnectionBad: %w", err)
	case "rust":
		err = fmt.Errorf("error returned from database: %w", err)
	}
	say("error", "database query failed", err)
}

func missingVariable(name string) {
	tell(variableWords(tongue, name))
}

func badSettings(path string, err error) {
	tell(settingsWords(tongue, path, err))
}

// tell says what ends a program: some languages print it as it is.
func tell(words string) {
	switch tongue {
	case "python", "node", "dotnet", "ruby", "rust":
		fmt.Println(words)
	case "java":
		say("error", "Application run failed", errors.New(words))
	default:
		say("fatal", words, nil)
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
	case "dotnet":
		say("error", "request failed", fmt.Errorf("System.DivideByZeroException: Attempted to divide by zero.\n   at Service.%s.Apply() in /src/%s.cs:line 88", where, where))
	case "ruby":
		fmt.Printf("/app/%s.rb:88:in `/': divided by 0 (ZeroDivisionError)\n", strings.ToLower(where))
	case "rust":
		fmt.Printf("thread 'worker-2' panicked at src/%s.rs:88:17:\nattempt to divide by zero\n", strings.ToLower(where))
	default:
		say("error", fmt.Sprintf("%s: runtime error: integer %s", where, what), nil)
	}
}

// target is what a failed connection was for: what the URL names, or else what the error does.
func target(err error, url string) (string, string) {
	if _, rest, found := strings.Cut(url, "://"); found {
		name, _, _ := strings.Cut(rest, "/")
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
