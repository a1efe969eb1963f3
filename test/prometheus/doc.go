// Package prometheus tests the rules, the mixin and the exposition with the newest
// Prometheus, built from its module, and with the installed one.
package prometheus
