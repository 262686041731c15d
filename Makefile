# pgstride: `make` builds, `make demo` shows it, `make check` proves it. Nothing is written
# outside build/ except by install and, where packages are missing, by deps.

PREFIX ?= /usr/local
CC ?= cc
WERROR ?=

pg_query = build/deps/pg_query
pg_query_here = $(pg_query)/.complete-trixie
# bookworm carries 15-4.0.0, whose deparser fails on BEGIN ATOMIC; trixie's 17 needs only
# libc >= 2.34. The pooler is unpacked for a test: installed, it would start a service.
unpack_pg_query = client/tools/unpack.sh $(pg_query) trixie libpg-query-dev libpg-query1706.0
unpack_pgbouncer = client/tools/unpack.sh build/deps/pgbouncer bookworm pgbouncer libc-ares2 \
	libevent-2.1-7
# The server's headers alone: with their package come a compiler and LLVM, 500 MB.
unpack_headers = client/tools/unpack.sh build/deps/postgresql-15 bookworm postgresql-server-dev-15
packages = libpq talloc jansson nettle zlib yaml-0.1 sqlite3
# make MYSQL_CLIENT=mysqlclient: MySQL's own library instead of MariaDB's, for servers of
# MySQL: since 9 it lacks the plugin mysql_native_password of MariaDB's usual accounts.
MYSQL_CLIENT ?= libmariadb
package_cflags := $(shell pkg-config --cflags $(packages) 2>/dev/null) \
	$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(MYSQL_CLIENT) 2>/dev/null))
package_libs := $(shell pkg-config --libs $(packages) $(MYSQL_CLIENT) 2>/dev/null)
multiarch := $(shell $(CC) -print-multiarch 2>/dev/null)

warnings = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
CPPFLAGS += -D_GNU_SOURCE -Iclient -Ibuild/gen -isystem $(pg_query)/usr/include \
	-isystem $(pg_query)/usr/include/pg_query $(package_cflags)
CFLAGS ?= -O2 -g
all_cflags = -std=gnu11 $(warnings) $(CFLAGS) -MMD -MP
libraries = -L$(pg_query)/usr/lib/$(multiarch) -l:libpg_query.a $(package_libs) \
	-lprotobuf-c -lpthread -lm

sources := $(filter-out client/main.c,$(sort $(shell find client -name '*.c')))
generated = build/gen/postgres_queries.c build/gen/mysql_queries.c build/gen/cockroach_queries.c \
	build/gen/sqlite_queries.c build/gen/bookkeeping.c build/gen/bookkeeping_cockroach.c \
	build/gen/bookkeeping_sqlite.c build/gen/bookkeeping_mysql.c
units := $(patsubst tests/unit/%.c,build/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
tools := $(filter-out driver writers,$(patsubst tests/%/main.c,%,$(sort $(wildcard tests/*/main.c))))

.PHONY: all demo deps extension check check-matrix unit integration conformance crash checker fuzz lint format bench install \
	uninstall clean faults tests

all: build/pgstride

# `make V=1` shows every command; else one line says what is made.
V ?= 0
ifeq ($(V),0)
quiet = @echo "  $(1)  $(patsubst build/%,%,$@)";
endif

# Packages first, quietly; every target below is safe to run on a fresh machine.
deps:
	@client/tools/deps.sh
	@$(unpack_pg_query)
	@$(unpack_pgbouncer)
	@$(unpack_headers)
$(pg_query_here):
	@$(unpack_pg_query)

# $(call variant,directory,extra flags): the same sources, compiled another way.
define variant
$(1)/%.o: client/%.c | $(generated) $(pg_query_here)
	@mkdir -p $$(@D)
	$$(call quiet,cc  )$$(CC) $$(CPPFLAGS) $$(all_cflags) $(2) -c -o $$@ $$<
$(1)/gen/%.o: build/gen/%.c
	@mkdir -p $$(@D)
	$$(call quiet,cc  )$$(CC) $$(CPPFLAGS) $$(all_cflags) $(2) -c -o $$@ $$<
$(1)/tests/%.o: tests/%.c | $(generated) $(pg_query_here)
	@mkdir -p $$(@D)
	$$(call quiet,cc  )$$(CC) $$(CPPFLAGS) -Itests $$(all_cflags) $(2) -c -o $$@ $$<
-include $$(wildcard $(1)/*.d $(1)/*/*.d $(1)/*/*/*.d $(1)/*/*/*/*.d)
endef

sanitize = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
$(eval $(call variant,build/release,))
$(eval $(call variant,build/sanitized,-DPGSTRIDE_FAULTS -O1 $(sanitize)))

objects = $(patsubst client/%.c,$(1)/%.o,$(sources)) $(patsubst build/gen/%.c,$(1)/gen/%.o,$(generated))

build/pgstride: build/release/main.o $(call objects,build/release)
	$(call quiet,link)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libraries)

# The binary of the crash matrix: it can be told where to die, and what it does with
# memory on the way there is watched.
faults: build/pgstride-faults
build/pgstride-faults: build/sanitized/main.o build/sanitized/client.a
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize) $(LDFLAGS) -o $@ $^ $(libraries)

build/gen/postgres_queries.c: client/tools/embed.awk $(sort $(wildcard client/db/postgres/sql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=postgres_queries -f $^ >$@.new && mv $@.new $@
build/gen/mysql_queries.c: client/tools/embed.awk $(sort $(wildcard client/db/mysql/sql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=mysql_queries -f $^ >$@.new && mv $@.new $@
build/gen/cockroach_queries.c: client/tools/embed.awk $(sort $(wildcard client/db/cockroach/sql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=cockroach_queries -f $^ >$@.new && mv $@.new $@
build/gen/bookkeeping_cockroach.c: client/tools/embed.awk $(sort $(wildcard migrations/bookkeeping/cockroach/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=bookkeeping_cockroach -f $^ >$@.new && mv $@.new $@
build/gen/sqlite_queries.c: client/tools/embed.awk $(sort $(wildcard client/db/sqlite/sql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=sqlite_queries -f $^ >$@.new && mv $@.new $@
build/gen/bookkeeping_sqlite.c: client/tools/embed.awk $(sort $(wildcard migrations/bookkeeping/sqlite/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=bookkeeping_sqlite -f $^ >$@.new && mv $@.new $@
build/gen/bookkeeping.c: client/tools/embed.awk $(sort $(wildcard migrations/bookkeeping/postgresql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=bookkeeping_postgresql -f $^ >$@.new && mv $@.new $@

build/gen/bookkeeping_mysql.c: client/tools/embed.awk $(sort $(wildcard migrations/bookkeeping/mysql/*.sql))
	@mkdir -p $(@D)
	$(call quiet,sql )awk -v table=bookkeeping_mysql -f $^ >$@.new && mv $@.new $@

# The server extension, in a private copy of the installed server: see the script.
extension: deps
	@tests/servers/extended.sh /usr/lib/postgresql/15/bin build/server >/dev/null

# --- tests ----------------------------------------------------------------------------

build/sanitized/client.a: $(call objects,build/sanitized)
	@rm -f $@
	$(call quiet,ar  )ar rcs $@ $^

# One program with all unit tests, linked once; it runs those whose name it is called by.
build/unit/tests: $(patsubst %.c,build/sanitized/%.o,$(sort $(wildcard tests/unit/*.c))) \
		build/sanitized/client.a
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize) -o $@ $^ $(libraries) $(shell pkg-config --libs check)
build/unit/test_%: build/unit/tests
	@ln -sf tests $@

# A directory of tests with a main.c is a tool: the traffic, the proxy.
define tool
build/tests/$(1): $(patsubst tests/%.c,build/release/tests/%.o,$(wildcard tests/$(1)/*.c))
	@mkdir -p $$(@D)
	$$(call quiet,link)$$(CC) $$(CFLAGS) -o $$@ $$^ $$(shell pkg-config --libs libpq) -lpthread -lm
endef
$(foreach each,$(tools),$(eval $(call tool,$(each))))

# This one meets a server through our own driver.
build/tests/driver: build/sanitized/tests/driver/main.o build/sanitized/client.a
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize) $(LDFLAGS) -o $@ $^ $(libraries)

# Programs on a SQLite file or a MySQL server.
build/tests/writers: $(patsubst tests/%.c,build/release/tests/%.o,$(wildcard tests/writers/*.c) tests/traffic/tally.c)
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) -o $@ $^ $(shell pkg-config --libs sqlite3 $(MYSQL_CLIENT)) -lpthread -lm

# What reads SQL, given texts at random; with clang's libFuzzer, which sees where a text
# leads, for as long as one likes: make fuzz SECONDS=3600.
fuzz_sources = $(wildcard tests/fuzz/*.c)
clang = $(firstword $(shell for name in clang clang-19 clang-17 clang-15 clang-14; do command -v $$name; done))
build/tests/fuzz: $(patsubst %.c,build/sanitized/%.o,$(fuzz_sources)) build/sanitized/client.a
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize) $(LDFLAGS) -o $@ $^ $(libraries)

$(eval $(call variant,build/fuzzed,-O1 $(sanitize) -fsanitize=fuzzer-no-link))
build/fuzzed/%.o: override CC = $(clang)
build/tests/libfuzzer: override CC = $(clang)
build/tests/libfuzzer: $(patsubst %.c,build/fuzzed/%.o,$(filter-out %/drive.c,$(fuzz_sources))) \
		$(call objects,build/fuzzed)
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(libraries)

fuzz: SECONDS ?= 60
fuzz: build/tests/$(if $(clang),libfuzzer,fuzz)
	@FUZZ_SECONDS=$(SECONDS) tests/fuzz/fuzz.sh $<

.SECONDARY:
tests: $(units) $(addprefix build/tests/,$(tools) driver writers fuzz) build/pgstride build/pgstride-faults

# README's test command: everything, on a machine that may have nothing installed yet.
check: deps
	@echo "building"
	@$(MAKE) --no-print-directory -j2 tests extension >/dev/null
	@tests/check.sh
unit: $(units)
	@tests/check.sh unit
integration conformance checker crash: tests extension
	@tests/check.sh $@

# Every server version that can be had; some minutes each.
check-matrix: deps
	@$(MAKE) --no-print-directory -j2 tests >/dev/null
	@tests/matrix.sh $(VERSIONS)

# make demo ENGINE=mysql: the same story on MariaDB; ENGINE=sqlite: without a server.
demo: deps
	@echo "building"
	@$(MAKE) --no-print-directory -j2 build/pgstride build/tests/traffic build/tests/writers >/dev/null
	@tests/demo/demo.sh '$(ENGINE)'

# make bench ONLY=backfill,locks ROWS=2000000 ROUNDS=3 SECONDS=12; bench.sh --help says more.
bench: extension
	@$(MAKE) --no-print-directory -j2 build/pgstride build/tests/measure >/dev/null
	@BENCH_ONLY='$(ONLY)' $(if $(ROWS),BENCH_ROWS=$(ROWS)) $(if $(ROUNDS),BENCH_ROUNDS=$(ROUNDS)) \
		$(if $(SECONDS),BENCH_SECONDS=$(SECONDS)) tests/bench/bench.sh

lint:
	@tests/lint/lint.sh
format:
	@clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h')

# --- the manual and completions --------------------------------------------------------

build/pgstride.1: build/pgstride
	$(call quiet,man )build/pgstride help man >$@.new && mv $@.new $@
build/completion/%: build/pgstride
	@mkdir -p $(@D)
	$(call quiet,comp)build/pgstride completion $* >$@.new && mv $@.new $@

# --- where it goes ----------------------------------------------------------------------

share = $(DESTDIR)$(PREFIX)/share
installed = $(DESTDIR)$(PREFIX)/bin/pgstride $(share)/man/man1/pgstride.1 \
	$(share)/bash-completion/completions/pgstride $(share)/zsh/site-functions/_pgstride \
	$(share)/fish/vendor_completions.d/pgstride.fish

install: all build/pgstride.1 $(addprefix build/completion/,bash zsh fish)
	install -D -m 755 build/pgstride $(DESTDIR)$(PREFIX)/bin/pgstride
	install -D -m 644 build/pgstride.1 $(share)/man/man1/pgstride.1
	install -D -m 644 build/completion/bash $(share)/bash-completion/completions/pgstride
	install -D -m 644 build/completion/zsh $(share)/zsh/site-functions/_pgstride
	install -D -m 644 build/completion/fish $(share)/fish/vendor_completions.d/pgstride.fish
uninstall:
	rm -f $(installed)
clean:
	rm -rf build/release build/sanitized build/fuzzed build/unit build/tests build/gen \
		build/completion build/pgstride build/pgstride.1 build/pgstride-faults
