package main

import (
	"strings"
	"testing"
)

func testApp(t *testing.T, system string) *app {
	t.Helper()
	config, err := readConfig([]string{"-system", system, "-seed", "7"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	app, err := newApp(config)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestRefusedFaultsSayWhatIsAllowedAndChangeNothing(t *testing.T) {
	app := testApp(t, "wdbx")
	if err := app.faults.apply([]byte(`{"errors": {"ratio": 0.25, "code": 503}}`)); err != nil {
		t.Fatal(err)
	}
	for document, expected := range map[string]string{
		`{"eror": {}}`:                                                   `unknown field "eror"; allowed: errors{ratio,code}`,
		`{"errors": {"ratio": "x"}}`:                                     `errors.ratio can't be a string`,
		`{"errors": {"ratio": 1.5}}`:                                     `errors.ratio: 1.5 is not from 0 to 1`,
		`{"errors": {"ratio": 1, "code": 2}}`:                            `errors.code: 2 is not from 400 to 599`,
		`{"latency": {}}`:                                                `fixedMs or jitterMs is needed`,
		`{"memory": {"mbPerSecond": 1}}`:                                 `mbPerSecond and limitMb must both be more than 0`,
		`{"crash": {"exitCode": 256}}`:                                   `256 is not from 0 to 255`,
		`{"metrics": {"nope": {"drop": true}}}`:                          `metrics.nope: there is no such metric`,
		`{"metrics": {"go_goroutines": {"drop": true, "freeze": true}}}`: `one of set, freeze, drop is needed`,
		`{"metrics": {"http_request_duration_seconds": {"set": 1}}}`:     `a histogram can't be set`,
		`{} {}`: `more follows after the JSON object`,
		`[]`:    `can't be a array`,
	} {
		err := app.faults.apply([]byte(document))
		if err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: got %v, want %q", document, err, expected)
		}
	}
	if errors := app.faults.current().Errors; errors == nil || errors.Code != 503 {
		t.Errorf("a refused document changed the faults to %+v", errors)
	}
}

func TestTheShareOfErrorsIsTheRatioAskedFor(t *testing.T) {
	app := testApp(t, "wdbx")
	if err := app.faults.apply([]byte(`{"errors": {"ratio": 0.2}, "latency": {"fixedMs": 1, "ratio": 0.5}}`)); err != nil {
		t.Fatal(err)
	}
	failed, slow := 0, 0
	for range 10000 {
		planned := app.faults.plan()
		if planned.errorCode == 500 {
			failed++
		}
		if planned.latency > 0 {
			slow++
		}
	}
	if failed < 1850 || failed > 2150 || slow < 4800 || slow > 5200 {
		t.Errorf("of 10000 requests %d failed and %d were slow, want about 2000 and 5000", failed, slow)
	}
}

func TestTheCrashComesWithTheRequestThatWasNamed(t *testing.T) {
	app := testApp(t, "wdbx")
	crashed := -1
	app.faults.exit = func(code int) { crashed = code }
	if err := app.faults.apply([]byte(`{"crash": {"exitCode": 9, "afterRequests": 3}}`)); err != nil {
		t.Fatal(err)
	}
	for request := 1; request <= 3; request++ {
		planned := app.faults.plan()
		if (planned.crash != nil) != (request == 3) {
			t.Fatalf("request %d: crash planned is %v", request, planned.crash != nil)
		}
		if planned.crash != nil {
			planned.crash()
		}
	}
	if crashed != 9 {
		t.Errorf("ended with %d, want 9", crashed)
	}
}
