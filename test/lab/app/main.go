// The program that the lab's workloads run: a small service with a configuration, dependencies, probes and logs, whose failures are real.
// It has no faults of its own to switch on: what goes wrong, goes wrong because of what it is given and what it meets.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Settings are what a service reads from its configuration file.
type Settings struct {
	Mode     string          `json:"mode"`
	Workers  int             `json:"workers"`
	Upstream string          `json:"upstream"`
	Database string          `json:"database"`
	Features map[string]bool `json:"features"`
}

type service struct {
	config, need, upstream, database, ready, dir, api, tls, ca string
	port, hold, grow, write                                    int
	wait, every                                                time.Duration
	exit, reload, terse                                        bool
	settings                                                   Settings
	healthy                                                    atomic.Bool
	client                                                     *http.Client
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: app serve | work | database | gate | registry [options]")
		os.Exit(2)
	}
	command, rest := os.Args[1], os.Args[2:]
	switch command {
	case "serve", "work":
		serve(command, rest)
	case "database":
		database(rest)
	case "gate":
		gate(rest)
	case "registry":
		registry(rest)
	default:
		fmt.Fprintf(os.Stderr, "unknown command %q\n", command)
		os.Exit(2)
	}
}

func serve(command string, args []string) {
	var s service
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	flags.StringVar(&tongue, "tongue", "go", "the language that the logs are written in: go, java, python, node, dotnet, ruby, rust, json")
	flags.StringVar(&s.config, "config", "", "JSON file with the settings")
	flags.StringVar(&s.need, "need", "", "environment variables that must be set")
	flags.StringVar(&s.upstream, "upstream", os.Getenv("UPSTREAM_URL"), "URLs that are called")
	flags.StringVar(&s.database, "database", os.Getenv("DATABASE_ADDRESS"), "host:port of the database")
	flags.StringVar(&s.ready, "ready", "self", "self: ready when it listens; all: when all that it calls answers")
	flags.StringVar(&s.dir, "dir", "", "folder that it must be able to write to")
	flags.StringVar(&s.api, "api", "", "path of the Kubernetes API that it reads")
	flags.StringVar(&s.tls, "tls", "", "folder with tls.crt and tls.key to serve with")
	flags.StringVar(&s.ca, "ca", "", "file with the certificates that it trusts")
	flags.IntVar(&s.port, "port", 8080, "port to listen on")
	flags.IntVar(&s.hold, "hold", 0, "MiB of memory for its cache")
	flags.IntVar(&s.grow, "grow", 0, "MiB of memory more each second")
	flags.IntVar(&s.write, "write", 0, "MiB written to its folder each second")
	flags.DurationVar(&s.wait, "wait", 0, "time that it takes to start")
	flags.DurationVar(&s.every, "every", 3*time.Second, "how often it calls others")
	flags.BoolVar(&s.exit, "exit", false, "ends when what it needs does not answer")
	flags.BoolVar(&s.reload, "reload", false, "reads its settings again and again")
	flags.BoolVar(&s.terse, "terse", false, "does not say whom it called, unless the error does")
	_ = flags.Parse(args)

	say("info", "starting", nil)
	for _, name := range strings.Split(s.need, ",") {
		if name != "" && os.Getenv(name) == "" {
			missingVariable(name)
			os.Exit(1)
		}
	}
	s.load(true)
	s.client = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: s.trust()}}
	if s.dir != "" {
		if err := os.WriteFile(filepath.Join(s.dir, "lock"), []byte("1"), 0o644); err != nil {
			failed("cannot open data directory", "", err)
			os.Exit(1)
		}
	}
	held := fill(s.hold)
	time.Sleep(s.wait)
	if command == "work" {
		if !s.step() {
			os.Exit(1)
		}
		say("info", "work is done", nil)
		return
	}
	s.listen()
	for second := 0; ; second++ {
		ok := s.step()
		s.healthy.Store(ok)
		if !ok && s.exit {
			say("error", "giving up", nil)
			os.Exit(1)
		}
		if s.grow > 0 {
			held = append(held, fill(s.grow)...)
		}
		if s.write > 0 {
			s.fillDisk(second)
		}
		if s.reload {
			s.load(false)
		}
		time.Sleep(s.every)
	}
}

// load reads the settings; at the start a mistake in them is the end.
func (s *service) load(first bool) {
	if s.config == "" {
		return
	}
	text, err := os.ReadFile(s.config)
	var settings Settings
	if err == nil {
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(&settings)
	}
	if err == nil && settings.Mode != "" && settings.Mode != "standard" && settings.Mode != "fast" {
		err = fmt.Errorf("mode must be one of [standard fast], got %q", settings.Mode)
	}
	if err == nil && settings.Workers < 0 {
		err = fmt.Errorf("workers must be positive, got %d", settings.Workers)
	}
	if err != nil {
		badSettings(s.config, err)
		if first {
			os.Exit(1)
		}
		return
	}
	s.settings = settings
}

func (s *service) trust() *tls.Config {
	files := []string{s.ca, "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"}
	pool := x509.NewCertPool()
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	return &tls.Config{RootCAs: pool}
}

// step calls everything that the service depends on, and says what does not answer.
func (s *service) step() bool {
	ok := true
	upstream := s.upstream
	if s.settings.Upstream != "" {
		upstream = s.settings.Upstream
	}
	for _, url := range strings.Split(upstream, ",") {
		if url == "" {
			continue
		}
		if err := s.get(url, ""); err != nil {
			head := "request to " + url + " failed"
			if s.terse {
				head = "upstream call failed"
			}
			failed(head, url, err)
			ok = false
		}
	}
	address := s.database
	if s.settings.Database != "" {
		address = s.settings.Database
	}
	if address != "" {
		if err := login(address); err != nil {
			databaseFailed(address, err)
			ok = false
		}
	}
	if s.api != "" {
		host := "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
		token, _ := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/token")
		if err := s.get(host+s.api, string(token)); err != nil {
			failed("reflector: failed to list", "", err)
			ok = false
		}
	}
	if s.settings.Features["new-pricing"] {
		thrown("PriceCalculator", "division by zero")
		ok = false
	}
	return ok
}

func (s *service) get(url, token string) error {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 10_000))
	if response.StatusCode < 400 {
		return nil
	}
	var status struct{ Message string }
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		return errors.New(status.Message)
	}
	return fmt.Errorf("%s responded %s", url, response.Status)
}

func (s *service) listen() {
	handler := http.NewServeMux()
	answer := func(ok bool, w http.ResponseWriter) {
		if !ok {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, ok)
	}
	handler.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { answer(true, w) })
	handler.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		answer(s.ready == "self" || s.healthy.Load(), w)
	})
	handler.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { answer(s.healthy.Load(), w) })
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", s.port))
	if err != nil {
		failed("server failed to start", "", err)
		os.Exit(1)
	}
	s.healthy.Store(true)
	say("info", fmt.Sprintf("listening on port %d", s.port), nil)
	go func() {
		if s.tls == "" {
			err = http.Serve(listener, handler)
		} else {
			err = http.ServeTLS(listener, handler, filepath.Join(s.tls, "tls.crt"), filepath.Join(s.tls, "tls.key"))
		}
		failed("server ended", "", err)
		os.Exit(1)
	}()
}

func (s *service) fillDisk(number int) {
	text := make([]byte, s.write<<20)
	if err := os.WriteFile(filepath.Join(s.dir, fmt.Sprintf("segment-%d", number)), text, 0o644); err != nil {
		failed("cannot append to journal", "", err)
		os.Exit(1)
	}
}

// fill takes memory and touches it, so that it is really taken.
func fill(mib int) [][]byte {
	var held [][]byte
	for range mib {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
	}
	return held
}
