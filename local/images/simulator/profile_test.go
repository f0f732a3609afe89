package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func scrape(t *testing.T, app *app) string {
	t.Helper()
	var out strings.Builder
	if err := app.registry.write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEveryBuiltInProfileLoadsAndIsWellFormed(t *testing.T) {
	entries, err := builtIn.ReadDir("profiles")
	if err != nil || len(entries) != 10 {
		t.Fatalf("%d profiles, %v: want one for each of the ten systems", len(entries), err)
	}
	line := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)\{([a-z_]+="[^"]*",?)+\} (\+Inf|NaN|-?[0-9.e+-]+)$`)
	for _, entry := range entries {
		app := testApp(t, strings.TrimSuffix(entry.Name(), ".json"))
		app.profile.request(answer{code: 200})
		seen := map[string]bool{}
		for _, text := range strings.Split(strings.TrimSpace(scrape(t, app)), "\n") {
			series, _, _ := strings.Cut(text, "} ")
			if !strings.HasPrefix(text, "#") && (!line.MatchString(text) || seen[series]) {
				t.Errorf("%s: malformed or twice: %s", entry.Name(), text)
			}
			seen[series] = true
		}
	}
}

func TestEveryModelGivesTheSeriesThatItPromises(t *testing.T) {
	file := filepath.Join(t.TempDir(), "profile.json")
	os.WriteFile(file, []byte(`{"metrics": [
		{"name": "a_total", "type": "counter", "help": "h", "labels": {"result": {"ok": 0.75, "bad": 0.25}}, "model": {"kind": "requests", "ratio": 4}},
		{"name": "b_total", "type": "counter", "help": "h", "model": {"kind": "requests", "of": "errors"}},
		{"name": "c", "type": "gauge", "help": "h", "model": {"kind": "constant", "value": 5}},
		{"name": "d_us", "type": "histogram", "help": "h", "buckets": [100, 2000], "model": {"kind": "distribution", "median": 50, "latencyScale": 1e6}}
	]}`), 0o600)
	config, _ := readConfig([]string{"-profile", file}, func(string) string { return "" })
	app, err := newApp(config)
	if err != nil {
		t.Fatal(err)
	}
	app.profile.request(answer{code: 200})
	app.profile.request(answer{code: 500, injected: time.Millisecond})
	text := scrape(t, app)
	base := `{system="simulator",track="stable",version="0.0.0"`
	for _, expected := range []string{
		`a_total` + base + `,result="ok"} 6`, `a_total` + base + `,result="bad"} 2`, `b_total` + base + `} 1`, `c` + base + `} 5`,
		`d_us_bucket` + base + `,le="100"} 1`, `d_us_bucket` + base + `,le="2000"} 2`, `d_us_sum` + base + `} 1100`, `d_us_count` + base + `} 2`,
	} {
		if !strings.Contains(text, expected+"\n") {
			t.Errorf("missing: %s\nin: %s", expected, text)
		}
	}
}

func TestAWalkStaysBetweenItsBoundsAndRepeatsWithTheSameSeed(t *testing.T) {
	started := time.Now()
	walk := func() *walk {
		app := testApp(t, "wdbx")
		for _, metric := range app.profile.metrics {
			if w, ok := metric.model.(*walk); ok && metric.name == "wdbx_connection_pool_in_use" {
				w.moved = started
				return w
			}
		}
		t.Fatal("the profile has no such walk")
		return nil
	}
	first, second := walk(), walk()
	moved := false
	for second_ := range 600 {
		now := started.Add(time.Duration(second_) * time.Second)
		value := first.value(now)
		moved = moved || value != first.Start
		if value < first.Min || value > first.Max || value != second.value(now) {
			t.Fatalf("after %d s: %v is out of bounds or differs from the other walk of the seed", second_, value)
		}
	}
	if !moved {
		t.Error("never moved")
	}
}

func TestProfilesThatCannotBeAreRefused(t *testing.T) {
	for metric, expected := range map[string]string{
		`{"name": "x", "type": "counter", "help": "h", "model": {"kind": "walk"}}`:                        "a counter can't walk",
		`{"name": "x", "type": "gauge", "help": "h", "model": {"kind": "constant", "valu": 1}}`:           `unknown field "valu"`,
		`{"name": "x", "type": "gauge", "help": "h", "model": {"kind": "sine"}}`:                          `"sine": allowed are`,
		`{"name": "x", "type": "summary", "help": "h", "model": {"kind": "constant"}}`:                    "allowed are counter, gauge, histogram",
		`{"name": "x-y", "type": "gauge", "help": "h", "model": {"kind": "constant"}}`:                    "not the name of a metric",
		`{"name": "x", "type": "counter", "help": "h", "model": {"kind": "requests", "of": "users"}}`:     `"users" is not one of`,
		`{"name": "http_requests_total", "type": "gauge", "help": "h", "model": {"kind": "constant"}}`:    "there is one of this name already",
		`{"name": "x", "type": "histogram", "help": "h", "model": {"kind": "distribution", "median": 0}}`: "median must be more than 0",
	} {
		file := filepath.Join(t.TempDir(), "profile.json")
		os.WriteFile(file, []byte(`{"metrics": [`+metric+`]}`), 0o600)
		config, _ := readConfig([]string{"-profile", file}, func(string) string { return "" })
		if _, err := newApp(config); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: got %v, want %q", metric, err, expected)
		}
	}
}
