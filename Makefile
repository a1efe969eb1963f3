# The commands of this repository. `make` without a target lists them.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Duration of each fuzz target.
FUZZTIME ?= 2m
FUZZ     ?= Fuzz

# Duration of the soak test.
SOAKTIME ?= 30m

# Additional flags of bench.
BENCHFLAGS ?=

# The values in `ftd_exporter --version` and ftd_exporter_build_info. The date is
# the date of the commit, so equal sources give equal binaries.
VERSION    := $(shell scripts/version.sh)
REVISION   := $(or $(shell git rev-parse HEAD 2>/dev/null),unknown)
BRANCH     := $(or $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null),unknown)
BUILD_DATE := $(or $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d-%H:%M:%S 2>/dev/null),unknown)
info       := github.com/prometheus/common/version
ldflags    := -s -w -X $(info).Version=$(VERSION) -X $(info).Revision=$(REVISION) -X $(info).Branch=$(BRANCH) -X $(info).BuildDate=$(BUILD_DATE)

.PHONY: help
help: ## List the commands.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: build
build: ## Build ./ftd_exporter and ./ftd_exporter_blocks.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(ldflags)' -o ftd_exporter ./cmd/ftd_exporter
	CGO_ENABLED=0 go build -C blocks -trimpath -buildvcs=false -ldflags '$(ldflags)' -o ../ftd_exporter_blocks .

.PHONY: test
test: vet check-release ## Vet, and run all tests with the race detector; list skipped tests with the reason.
	@scripts/test.sh

.PHONY: check
check: build ## Run before each commit: build, vet, test the changed packages, run the linters.
	$(golangci) run ./...
	@scripts/check.sh

# The platforms of a release, as in .goreleaser.yml.
platforms := linux/amd64 linux/arm64 linux/arm darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64

# Uses the flags of the release, so that release builds reuse the build cache.
.PHONY: vet
vet: ## Vet all packages for every platform of a release.
	@for platform in $(platforms); do \
		echo "go vet for $$platform"; \
		for module in . blocks; do \
			CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} GOARM=7 go -C $$module vet -trimpath ./...; \
		done; \
	done

# Goreleaser gets the version and the linker flags from here, and finds the SBOM
# generator in the path. The first run builds both, which takes some minutes. It
# builds one program after the other, so that the order of those in an archive does
# not depend on which is finished first.
release_tool := go tool -modfile=$(CURDIR)/tools/release/go.mod
goreleaser    = PATH="$$(dirname "$$($(release_tool) -n cyclonedx-gomod)"):$$PATH" VERSION='$(VERSION)' LDFLAGS='$(ldflags)' $(release_tool) goreleaser
GORELEASERCONFIG ?= .goreleaser.yml

.PHONY: dist
dist: ## Build binaries, archives, packages, checksums and SBOMs for every platform into dist/, without publishing.
	@$(goreleaser) release --config=$(GORELEASERCONFIG) --snapshot --clean --parallelism=1

.PHONY: release
release: ## Publish the tag that is checked out, as the release workflow does.
	@$(goreleaser) release --clean --parallelism=1 --release-notes=<(scripts/release-notes.sh '$(VERSION)')

.PHONY: check-release
check-release: ## Check .goreleaser.yml.
	@$(release_tool) goreleaser check

golangci = go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint

.PHONY: lint
lint: ## Run the linters of .golangci.yml.
	$(golangci) run ./...
	for module in blocks test; do (cd $$module && $(golangci) run --config=../.golangci.yml ./...); done

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (2m), or those that match FUZZ.
	@for pkg in $$(go list ./...); do \
		targets=$$(go test -list '^$(FUZZ)' $$pkg | sed -n '/^Fuzz/p'); \
		for target in $$targets; do \
			echo "$$target of $$pkg"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

.PHONY: soak
soak: ## Send valid, invalid and hostile traffic for SOAKTIME (30m), with restarts; everything must be counted. Then the worst case for memory.
	FTD_SOAK_TIME=$(SOAKTIME) go -C test test -count 1 -v -run '^Test(Soak|WorstCase)' -timeout 0 ./soak

.PHONY: bench
bench: ## Run the benchmarks six times, into bench.out for benchstat.
	go test -run '^$$' -bench . -benchmem -count 6 ./... | tee bench.out

.PHONY: bench-wire
bench-wire: build ## Measure the whole exporter: file, TCP, UDP, scrapes; BENCHFLAGS adds flags of bench.
	@CGO_ENABLED=0 go run -trimpath ./bench $(BENCHFLAGS)

# Long tests that do not write golden files, by name.
not_golden := TestBench|TestKilled|TestRestart|TestCrash|TestSimulate|TestOutOf

# The packages with golden files.
golden_packages = $(shell grep -rlF --include='*_test.go' testutil.Golden . | grep -vE '^./(test|internal/testutil)/' | xargs -r -n 1 dirname | sort -u)

.PHONY: golden
golden: ## Rewrite the generated files that tests compare with testutil.Golden.
	UPDATE=1 go test -count 1 -skip '$(not_golden)' $(golden_packages)

.PHONY: screenshots
screenshots: ## Take pictures of all pages of the exporter at three sizes, into screenshots/.
	rm -rf screenshots && mkdir screenshots
	go -C test test -count 1 -run '^TestScreenshots$$' -artifacts -outputdir $(CURDIR)/screenshots ./e2e

.PHONY: cover
cover: ## Measure the test coverage, into cover.html.
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -html=cover.out -o cover.html
	@go tool cover -func=cover.out | tail -n 1

# Where `make run` receives and serves.
ADDR        ?= 127.0.0.1
WEB_PORT    ?= 10061
SYSLOG_PORT ?= 5514

.PHONY: run
run: build ## Build and start the exporter with a sample day at ADDR (127.0.0.1), WEB_PORT (10061) and SYSLOG_PORT (5514); its state is in data/demo.
	@echo 'Status: http://$(ADDR):$(WEB_PORT)/    Metrics: http://$(ADDR):$(WEB_PORT)/metrics    Stop: Ctrl-C'
	go run ./examples/fleetlog --until-now | ./ftd_exporter serve \
		--web.listen-address=$(ADDR):$(WEB_PORT) \
		--syslog.listen-address=udp://$(ADDR):$(SYSLOG_PORT) \
		--syslog.listen-address=tcp://$(ADDR):$(SYSLOG_PORT) \
		--storage.path=data/demo \
		--syslog.replay-file=-
