// Package e2e tests the program from outside: the status page in a browser, the
// dashboards with Grafana's own types, the rules in a real Prometheus, the
// documentation by running its examples, and syslog relays.
package e2e
