package main

import (
	"fmt"
	"strings"
)

// networkWords are how programs of a language tell that a connection failed. `kind`: unknown-host, dns-timeout, refused or timeout.
func networkWords(tongue, kind, host, port, url string) string {
	at := host + ":" + port
	urllib := func(cause string) string {
		return fmt.Sprintf("requests.exceptions.ConnectionError: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>: Failed to establish a new connection: %s'))", host, port, cause)
	}
	reqwest := func(cause string) string {
		return fmt.Sprintf("error sending request for url (%s): %s", url, cause)
	}
	words := map[string]string{
		"java unknown-host":   "java.net.UnknownHostException: " + host,
		"java dns-timeout":    "java.net.UnknownHostException: " + host + ": Temporary failure in name resolution",
		"java refused":        "java.net.ConnectException: Connection refused: " + strings.Replace(at, ":", "/", 1),
		"java timeout":        "java.net.SocketTimeoutException: connect timed out: " + at,
		"python unknown-host": urllib("[Errno -2] Name or service not known"),
		"python dns-timeout":  urllib("[Errno -3] Temporary failure in name resolution"),
		"python refused":      urllib("[Errno 111] Connection refused"),
		"python timeout":      fmt.Sprintf("requests.exceptions.ConnectTimeout: HTTPConnectionPool(host='%s', port=%s): Max retries exceeded with url: / (Caused by ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x7f3c5d2b1e80>, 'Connection to %s timed out. (connect timeout=3)'))", host, port, host),
		"node unknown-host":   "Error: getaddrinfo ENOTFOUND " + host,
		"node dns-timeout":    "Error: getaddrinfo EAI_AGAIN " + host,
		"node refused":        "Error: connect ECONNREFUSED " + at,
		"node timeout":        "Error: connect ETIMEDOUT " + at,
		"dotnet unknown-host": fmt.Sprintf("System.Net.Http.HttpRequestException: Name or service not known (%s)\n ---> System.Net.Sockets.SocketException (0xFFFDFFFF): Name or service not known", at),
		"dotnet dns-timeout":  fmt.Sprintf("System.Net.Http.HttpRequestException: Resource temporarily unavailable (%s)\n ---> System.Net.Sockets.SocketException (11): Resource temporarily unavailable", at),
		"dotnet refused":      fmt.Sprintf("System.Net.Http.HttpRequestException: Connection refused (%s)\n ---> System.Net.Sockets.SocketException (111): Connection refused", at),
		"dotnet timeout":      "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 3 seconds elapsing.",
		"ruby unknown-host":   fmt.Sprintf("Failed to open TCP connection to %s (getaddrinfo: Name or service not known) (SocketError)", at),
		"ruby dns-timeout":    fmt.Sprintf("Failed to open TCP connection to %s (getaddrinfo: Temporary failure in name resolution) (SocketError)", at),
		"ruby refused":        fmt.Sprintf("Failed to open TCP connection to %s (Connection refused - connect(2) for %q port %s) (Errno::ECONNREFUSED)", at, host, port),
		"ruby timeout":        fmt.Sprintf("Net::OpenTimeout: Failed to open TCP connection to %s (execution expired)", at),
		"rust unknown-host":   reqwest("error trying to connect: dns error: failed to lookup address information: Name or service not known"),
		"rust dns-timeout":    reqwest("error trying to connect: dns error: failed to lookup address information: Try again"),
		"rust refused":        reqwest("error trying to connect: tcp connect error: Connection refused (os error 111)"),
		"rust timeout":        reqwest("operation timed out"),
	}
	return words[tongue+" "+kind]
}

// variableWords are how programs of a language tell that they lack a variable.
func variableWords(tongue, name string) string {
	switch tongue {
	case "java":
		return fmt.Sprintf("java.lang.IllegalArgumentException: Could not resolve placeholder '%s' in value \"${%s}\"", name, name)
	case "python":
		return fmt.Sprintf("Traceback (most recent call last):\n  File \"/app/main.py\", line 12, in <module>\n    value = os.environ[\"%s\"]\nKeyError: '%s'", name, name)
	case "node":
		return fmt.Sprintf("Error: Environment variable %s is undefined", name)
	case "dotnet":
		return fmt.Sprintf("Unhandled exception. System.InvalidOperationException: Configuration value '%s' is required.\n   at Service.Program.Main(String[] args) in /src/Program.cs:line 21", name)
	case "ruby":
		return fmt.Sprintf("/app/config.rb:7:in `fetch': key not found: %q (KeyError)", name)
	case "rust":
		return fmt.Sprintf("thread 'main' panicked at src/main.rs:14:37:\n%s must be set: NotPresent", name)
	default:
		return fmt.Sprintf("required environment variable %s is not set", name)
	}
}

// settingsWords are how programs of a language tell that they cannot use their settings.
func settingsWords(tongue, path string, err error) string {
	switch tongue {
	case "java":
		return fmt.Sprintf("org.springframework.boot.context.config.ConfigDataException: could not load settings from %s: %v", path, err)
	case "python":
		return fmt.Sprintf("Traceback (most recent call last):\n  File \"/app/settings.py\", line 31, in load\n    return Settings(**json.load(open(\"%s\")))\nValueError: %v", path, err)
	case "node":
		return fmt.Sprintf("ConfigError: cannot load %s: %v\n    at loadConfig (/app/src/config.js:18:11)", path, err)
	case "dotnet":
		return fmt.Sprintf("Unhandled exception. System.IO.InvalidDataException: Failed to load configuration from file '%s'.\n ---> System.FormatException: %v", path, err)
	case "ruby":
		return fmt.Sprintf("/app/settings.rb:12:in `parse': %v (JSON::ParserError)", err)
	case "rust":
		return fmt.Sprintf("Error: Config { path: %q, source: %q }", path, err.Error())
	default:
		return fmt.Sprintf("cannot load configuration %s: %v", path, err)
	}
}
