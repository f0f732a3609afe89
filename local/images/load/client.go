package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

const largestBody = 1 << 20

// outcome is what became of a request: a status, or a problem where there was none or its data was wrong.
type outcome struct {
	track   string
	status  int
	problem string
	user    int
	took    time.Duration
}

func (o outcome) failed() bool { return o.problem != "" || o.status >= 500 }

type client struct {
	options options
	http    *http.Client
}

func newClient(options options) *client {
	idle := options.connections
	if idle == 0 {
		idle = options.maxInFlight
	}
	transport := &http.Transport{
		MaxConnsPerHost:     options.connections,
		MaxIdleConns:        idle,
		MaxIdleConnsPerHost: idle,
		DisableKeepAlives:   !options.keepAlive,
		DisableCompression:  true,
		DialContext:         (&net.Dialer{Timeout: options.timeout}).DialContext,
	}
	return &client{options: options, http: &http.Client{
		Transport:     transport,
		Timeout:       options.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

func (c *client) request(user string) outcome {
	request := &http.Request{Method: c.options.method, URL: c.options.target, Host: c.options.host, Header: c.options.headers.Clone()}
	if request.Header == nil {
		request.Header = http.Header{}
	}
	if user != "" {
		request.Header.Set("X-User-Id", user)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return outcome{problem: problemOf(err)}
	}
	defer response.Body.Close()
	result := outcome{track: response.Header.Get("X-Track"), status: response.StatusCode}
	body, err := io.ReadAll(io.LimitReader(response.Body, largestBody))
	switch {
	case err != nil:
		result.problem = problemOf(err)
	case response.Header.Get("X-System") != "" && isWrong(body):
		result.problem = "wrong-data"
	}
	return result
}

// isWrong checks the checksum that a simulator sends along.
func isWrong(body []byte) bool {
	var answer struct{ Value, Checksum string }
	if json.Unmarshal(body, &answer) != nil || answer.Checksum == "" {
		return false
	}
	return answer.Checksum != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(answer.Value)))
}

// problemOf names the kinds of trouble that tests tell apart.
func problemOf(err error) string {
	var dns *net.DNSError
	var failed *url.Error
	switch {
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &failed) && failed.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "unreachable"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	}
	return "other"
}
