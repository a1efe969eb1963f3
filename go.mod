module github.com/ftd-exporter/ftd_exporter

go 1.26.0
