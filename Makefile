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

# Signs a release. A path, for the scripts.
COSIGN ?= $(shell go tool -modfile=$(CURDIR)/tools/sign/go.mod -n cosign)

# The platform of dist; empty means all.
PLATFORM ?=
release_target = $(subst /,_,$(PLATFORM))$(if $(filter linux/arm,$(PLATFORM)),_7)

# Prints the configuration of goreleaser, with the targets of PLATFORM only.
define release_config
sed -E '$(if $(PLATFORM),/^ +- (linux|darwin|windows|freebsd)_[a-z0-9_]+$$/{/ $(release_target)$$/!d})' $(GORELEASERCONFIG)
endef

# Packages are for Linux.
not_for_platform = $(if $(PLATFORM),$(if $(filter linux/%,$(PLATFORM)),,$(comma)nfpm))
comma := ,

.PHONY: check-platform
check-platform:
	$(if $(filter-out $(platforms),$(PLATFORM)),$(error PLATFORM=$(PLATFORM) must be one of: $(platforms)))

.PHONY: dist
dist: check-platform ## Build binaries, archives, packages, checksums and SBOMs into dist/, without publishing; PLATFORM=linux/amd64 builds for one platform.
	@$(release_config) | $(goreleaser) release --config=- --snapshot --clean --parallelism=1 --skip=sign$(not_for_platform)

# Where a release is published.
IMAGE  ?= ghcr.io/ftd-exporter/ftd_exporter
CHARTS ?= ghcr.io/ftd-exporter/charts

# Additional flags of goreleaser.
RELEASEFLAGS ?=

.PHONY: release
release: ## Date VERSION in CHANGELOG.md and the chart, commit, and tag the commit.
	$(if $(filter command,$(firstword $(origin VERSION))),,$(error Name the version: make release VERSION=0.1.0))
	@scripts/release.sh '$(VERSION)'

.PHONY: publish
publish: check-platform ## Publish the tag that is checked out, signed, as the release workflow does.
	@PATH="$$(dirname '$(COSIGN)'):$$PATH"; notes=$$(mktemp); trap 'rm -f "$$notes"' EXIT; \
	scripts/release-notes.sh '$(VERSION)' >"$$notes"; \
	$(release_config) | $(goreleaser) release --config=- --clean --parallelism=1 --release-notes="$$notes" $(RELEASEFLAGS)

.PHONY: publish-image
publish-image: ## Build the container image for all Linux platforms, push it to IMAGE, and sign it.
	@COSIGN='$(COSIGN)' scripts/publish-image.sh '$(IMAGE)' '$(VERSION)' '$(REVISION)' '$(BRANCH)' '$(BUILD_DATE)'

.PHONY: publish-chart
publish-chart: ## Push the Helm chart to CHARTS, and sign it.
	@COSIGN='$(COSIGN)' scripts/publish-chart.sh '$(CHARTS)' '$(VERSION)'

.PHONY: repositories
repositories: ## Write repositories for apt and dnf with the packages in dist/ into dist/pages, signed with REPOSITORY_KEY.
	@scripts/repositories.sh dist dist/pages

# Where the site and the repositories are published.
PAGES ?= https://github.com/ftd-exporter/ftd_exporter.git

.PHONY: publish-pages
publish-pages: ## Publish the site and the repositories of dist/pages as the branch gh-pages of PAGES.
	@scripts/publish-pages.sh '$(PAGES)'

.PHONY: docs
docs: ## Build the documentation as a static site into dist/pages. The first run builds Hugo, which takes some minutes.
	@scripts/site.sh dist/pages

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
