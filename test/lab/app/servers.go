package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// database stands for any server that wants a login: one line in, one line out.
func database(args []string) {
	flags := flag.NewFlagSet("database", flag.ExitOnError)
	port := flags.Int("port", 5432, "port to listen on")
	most := flags.Int("connections", 100, "most connections at once")
	readOnly := flags.Bool("read-only", false, "refuses to write")
	users := flags.String("users", os.Getenv("DATABASE_USER"), "users that may log in")
	_ = flags.Parse(args)
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", *port))
	if err != nil {
		fmt.Println("FATAL:  could not create any TCP/IP sockets:", err)
		os.Exit(1)
	}
	fmt.Printf("LOG:  database system is ready to accept connections on port %d\n", *port)
	var open atomic.Int32
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer connection.Close()
			if open.Add(1) > int32(*most) {
				fmt.Println("FATAL:  sorry, too many clients already")
				fmt.Fprintln(connection, "FATAL:  sorry, too many clients already")
			} else {
				converse(connection, *users, *readOnly)
			}
			open.Add(-1)
		}()
	}
}

func converse(connection net.Conn, users string, readOnly bool) {
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		words := strings.Fields(lines.Text() + " - - -")
		answer := "OK"
		switch {
		case words[0] == "LOGIN" && !strings.Contains(","+users+",", ","+words[1]+","):
			answer = fmt.Sprintf("FATAL:  role %q does not exist", words[1])
		case words[0] == "LOGIN" && words[2] != os.Getenv("DATABASE_PASSWORD"):
			answer = fmt.Sprintf("FATAL:  password authentication failed for user %q", words[1])
		case words[0] == "INSERT" && readOnly:
			answer = "ERROR:  cannot execute INSERT in a read-only transaction"
		}
		if answer != "OK" {
			fmt.Println(answer)
		}
		fmt.Fprintln(connection, answer)
	}
}

var kept []net.Conn

// login logs in to a database and writes a row. With KEEP_CONNECTIONS it forgets to hang up, as a leaking pool does.
func login(address string) error {
	connection, err := net.DialTimeout("tcp", address, 3*time.Second)
	if err != nil {
		return err
	}
	if os.Getenv("POOL_IDLE_TIMEOUT") == "0" {
		kept = append(kept, connection)
	} else {
		defer connection.Close()
	}
	_ = connection.SetDeadline(time.Now().Add(3 * time.Second))
	lines := bufio.NewScanner(connection)
	for _, line := range []string{fmt.Sprintf("LOGIN %s %s", or(os.Getenv("DATABASE_USER"), "app"), or(os.Getenv("DATABASE_PASSWORD"), "none")), "INSERT"} {
		fmt.Fprintln(connection, line)
		if !lines.Scan() {
			return or(lines.Err(), errors.New("unexpected EOF"))
		}
		if lines.Text() != "OK" {
			return errors.New(lines.Text())
		}
	}
	return nil
}

func or[T comparable](value, instead T) T {
	var zero T
	if value == zero {
		return instead
	}
	return value
}

// registry is where images are pulled from that nobody put on the node: it has none, and wants a login for some.
func registry(args []string) {
	flags := flag.NewFlagSet("registry", flag.ExitOnError)
	address := flags.String("address", "127.0.0.1:5000", "address to listen on")
	_ = flags.Parse(args)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		code, message, status := "MANIFEST_UNKNOWN", "manifest unknown", http.StatusNotFound
		if strings.Contains(r.URL.Path, "/private/") {
			code, message, status = "UNAUTHORIZED", "authentication required", http.StatusUnauthorized
			w.Header().Set("WWW-Authenticate", `Basic realm="Registry"`)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
	})
	fmt.Println(http.ListenAndServe(*address, nil))
	os.Exit(1)
}

// gate is an admission webhook: it refuses, or changes pods, as it is told.
func gate(args []string) {
	flags := flag.NewFlagSet("gate", flag.ExitOnError)
	folder := flags.String("tls", "/etc/tls", "folder with tls.crt and tls.key")
	refuses := flags.String("refuse", "", "why it refuses what has no annotation reviewed-by")
	patch := flags.String("patch", "", "JSON patch of what it is asked about")
	_ = flags.Parse(args)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var review struct {
			Request struct {
				UID    string `json:"uid"`
				Object struct {
					Metadata struct {
						Annotations map[string]string `json:"annotations"`
					} `json:"metadata"`
				} `json:"object"`
			} `json:"request"`
		}
		_ = json.NewDecoder(r.Body).Decode(&review)
		answer := map[string]any{"uid": review.Request.UID, "allowed": true}
		if *refuses != "" && review.Request.Object.Metadata.Annotations["reviewed-by"] == "" {
			answer["allowed"] = false
			answer["status"] = map[string]any{"message": *refuses}
		}
		if *patch != "" {
			answer["patchType"], answer["patch"] = "JSONPatch", []byte(*patch)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})
	})
	fmt.Println("serving admission reviews on port 8443")
	fmt.Println(http.ListenAndServeTLS(":8443", *folder+"/tls.crt", *folder+"/tls.key", nil))
	os.Exit(1)
}
