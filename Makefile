# mmioscope: `make demo` and `make test` do all the set-up on a machine that has the Swift
# toolchain, git and make.

SWIFT ?= swift
PREFIX ?= /usr/local
BUILD := .build/release
# The Swift library goes into the command: it starts faster, and runs where no toolchain is. At a
# fixed address, too: a hundred thousand pointers need no relocation at every start. PIE=1 for one
# that the system may place anywhere.
RELEASE := -c release --static-swift-stdlib $(if $(PIE),,-Xlinker -no-pie)
# The report folder that `make demo` writes.
DEMO_REPORT ?= demo-report
# More for a benchmark, as BENCH='--records 1000000 --only import'; BENCH_BILLION=1 for a billion
# records through a pipe.
BENCH ?=
BENCH_INTO ?= Reports/benchmarks

.PHONY: all demo test lint format bench fuzz capture reports install setup build clean

all: build

## demo: build, run the main job on a real capture, say where the report is
demo: build
	@$(BUILD)/mmioscope demo -o $(DEMO_REPORT)

## test: everything that is checked before a commit, but the format
test: build
	MMIOSCOPE_BINARY=$(abspath $(BUILD)/mmioscope) $(SWIFT) test --disable-xctest

## lint: the formatter's rules; no finding passes
lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

## format: rewrite the sources in the formatter's style
format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

## bench: measure commands, stages and other programs; keeps the run in BENCH_INTO/DATE-MACHINE
bench: build
	$(SWIFT) build $(RELEASE) --product bench
	$(BUILD)/bench run --mmioscope $(BUILD)/mmioscope --into $(BENCH_INTO) \
	  $(if $(BENCH_BILLION),--billion) $(BENCH)

## fuzz: every reader under libFuzzer for FUZZ_SECONDS each (20); a crash names its input
fuzz: setup
	sh Tests/Fuzz/run

## capture: boot a guest under QEMU and make the captures of Traces again; says what it lacks
capture:
	Capture/capture all

## reports: make the committed reports again; the tests compare them byte for byte
reports: build
	@for trace in Traces/*.mmt; do \
	  report=Reports/$$(basename $$trace .mmt); \
	  rm -rf $$report && $(BUILD)/mmioscope compare $$trace -o $$report || exit 1; \
	done
	@for name in nvme-flr vfio-reclaim; do \
	  mkdir -p Reports/resets/$$name && \
	  $(BUILD)/mmioscope reset Traces/$$name.mmt --markdown Reports/resets/$$name/reset.md \
	    --csv Reports/resets/$$name/resets.csv || exit 1; \
	done
	$(BUILD)/mmioscope contain --matrix --markdown Reports/containment.md
	$(BUILD)/mmioscope validate --markdown > Reports/validation.md

## install: copy the command to PREFIX/bin, and the demo's capture to where it finds it
install: build
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/mmioscope"
	install -s -m 755 $(BUILD)/mmioscope "$(DESTDIR)$(PREFIX)/bin/mmioscope"
	install -m 644 Traces/fb-wc.mmt "$(DESTDIR)$(PREFIX)/share/mmioscope/fb-wc.mmt"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/mmioscope"

build: setup
	$(SWIFT) build $(RELEASE) --product mmioscope

## setup: the Debian packages that the build needs, where they are missing
setup:
	@sh .ci/setup

clean:
	rm -rf .build $(DEMO_REPORT)
