"""What bench/run measures: programs of Flow's, and the same in DuckDB's SQL.

A workload's SQL writes what Flow's program writes, to Parquet files, or it gives rows back. `checks` are pairs of
queries, of Flow's table and of DuckDB's file, that must give the same rows: a time without its answer means nothing.
"""
from dataclasses import dataclass, field

ORDER = ("{order_id: 'BIGINT', customer_id: 'BIGINT', amount: 'DECIMAL(12,2)', currency: 'VARCHAR', "
         "status: 'VARCHAR', ts: 'TIMESTAMPTZ', note: 'VARCHAR'}")
PERSON = ("{id: 'BIGINT', name: 'VARCHAR', emailAddress: 'VARCHAR', creditCard: 'VARCHAR', city: 'VARCHAR', "
          "state: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'}")
AUCTION = ("{id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', "
           "dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'}")
BID = ("{auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', "
       "dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'}")


def ndjson(path, columns):
    return f"read_json('{path}', format = 'newline_delimited', columns = {columns})"


READERS = {
    "ndjson": ndjson("orders.ndjson", ORDER),
    "mixed": ndjson("orders.mixed", ORDER),
    "csv": f"read_csv('orders.csv', header = true, columns = {ORDER})",
    "parquet": "'orders.parquet'",
}
PERSONS, AUCTIONS, BIDS = ndjson("persons.ndjson", PERSON), ndjson("auctions.ndjson", AUCTION), ndjson("bids.ndjson", BID)


def copy(query, path="duckdb.parquet", version="v2"):
    return f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION {version})"


# The file that the Parquet workloads read is as DuckDB writes it by default.
ORDERS_PARQUET = copy(f"FROM {READERS['ndjson']}", "orders.parquet", "v1")


# Of two streams: one row each 8 ms, up to 4 s late, of 10 000 instruments.
def prices(name, seed, rows):
    return copy(f"""SELECT i AS id, (hash(i * 2 + {seed}) % 10000)::BIGINT AS instrument, (hash(i * 3 + {seed}) % 100000)::BIGINT AS price,
      make_timestamptz(1767225600000000 + i * 8000 + (hash(i * 5 + {seed}) % 4000000)::BIGINT) AS ts FROM range({rows}) r(i)""",
                f"{name}.parquet", "v1")


PRICES = {"trades.parquet": 1, "quotes.parquet": 2}


@dataclass
class Workload:
    name: str
    what: str
    goal: float  # how much faster than DuckDB
    inputs: tuple
    sql: tuple
    checks: tuple = ()
    is_scaled: bool = False  # measured with two workers, too
    program: str = field(default="")

    def __post_init__(self):
        self.program = self.program or self.name


def window(kind, goal):
    return Workload(f"orders_{kind}", f"{kind.upper()} → window → Delta", goal, (f"orders.{kind}",), (copy(
        "SELECT time_bucket(INTERVAL 1 minute, ts) AS window_start, currency, count(*) AS orders, sum(amount) AS revenue "
        f"FROM {READERS[kind]} WHERE status = 'paid' AND amount >= 0 GROUP BY ALL"),),
        (("SELECT window_start, currency, orders, revenue FROM delta('revenue')",
          "SELECT window_start, currency, orders, revenue FROM 'duckdb.parquet'"),), kind in ("ndjson", "csv", "parquet"))


SUMS = "SELECT count(*), sum(order_id), sum(amount), count(note), min(ts), max(ts), count(distinct status) FROM "
WRITTEN = ((SUMS + "delta('orders')", SUMS + "'duckdb.parquet'"),)

# Two seconds of bids are counted once; a window is five of them.
PANES = f"""WITH panes AS (SELECT time_bucket(INTERVAL 2 second, dateTime) AS pane, auction, count(*) AS n FROM {BIDS} GROUP BY ALL),
  counts AS (SELECT pane - to_seconds(2 * i) AS window_start, auction, sum(n)::BIGINT AS bids FROM panes, range(5) r(i) GROUP BY ALL)
  SELECT * FROM counts QUALIFY bids = max(bids) OVER (PARTITION BY window_start)"""
NEXMARK = {
    "q0": f"FROM {BIDS}",
    "q1": f"SELECT auction, bidder, 0.908 * price AS price, dateTime FROM {BIDS}",
    "q2": f"SELECT auction, price FROM {BIDS} WHERE auction % 123 = 0",
    "q3": f"SELECT p.name, p.city, p.state, a.id FROM {AUCTIONS} a JOIN {PERSONS} p ON a.seller = p.id "
          "WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')",
    "q4": f"SELECT category, avg(final) AS average FROM (SELECT b.auction, a.category, max(b.price) AS final FROM {BIDS} b "
          f"JOIN {AUCTIONS} a ON b.auction = a.id AND b.dateTime BETWEEN a.dateTime AND a.expires GROUP BY ALL) GROUP BY ALL",
    "q5": PANES,
    "q7": "SELECT time_bucket(INTERVAL 10 second, dateTime) AS window_start, max(price) AS price, arg_max(auction, price) AS auction, "
          f"arg_max(bidder, price) AS bidder FROM {BIDS} GROUP BY ALL",
    "q8": "SELECT p.id, p.name, time_bucket(INTERVAL 10 second, p.dateTime) AS window_start "
          f"FROM {PERSONS} p WHERE (p.id, window_start) IN (SELECT (seller, time_bucket(INTERVAL 10 second, dateTime)) FROM {AUCTIONS})",
}
NEXMARK_COLUMNS = {"q4": "category, round(average, 3)", "q5": "window_start, auction, bids", "q7": "window_start, price"}


def nexmark():
    checks = []
    for name in NEXMARK:
        columns = NEXMARK_COLUMNS.get(name, "*")
        checks.append((f"SELECT {columns} FROM delta('{name}')", f"SELECT {columns} FROM 'duckdb_{name}.parquet'"))
    return Workload("nexmark", "eight Nexmark queries, one pass over NDJSON", 5, ("nexmark",),
                    tuple(copy(sql, f"duckdb_{name}.parquet") for name, sql in NEXMARK.items()), tuple(checks), True)


WORKLOADS = [
    window("ndjson", 4),
    window("csv", 3),
    window("parquet", 1),
    window("mixed", 1.3),
    Workload("parquet_sum", "Parquet → filter and sum", 1, ("orders.parquet",),
             ("SELECT count(*), sum(amount) FROM 'orders.parquet' WHERE status = 'paid'",)),
    Workload("parquet_write", "Parquet → Delta, all columns", 2, ("orders.parquet",),
             (copy("FROM 'orders.parquet'"),), WRITTEN, True),
    Workload("ndjson_write", "NDJSON → Delta, all columns", 3, ("orders.ndjson",),
             (copy(f"FROM {READERS['ndjson']}"),), WRITTEN, True),
    Workload("keys_ndjson", "NDJSON → group by 100 000 keys → Delta", 3, ("orders.ndjson",),
             (copy("SELECT customer_id % 100000 AS customer, count(*) AS orders, sum(amount) AS revenue "
                   f"FROM {READERS['ndjson']} GROUP BY ALL"),),
             (("SELECT customer, orders, revenue FROM delta('keys')", "SELECT customer, orders, revenue FROM 'duckdb.parquet'"),), True),
    Workload("stream_join", "two Parquet streams → join with the newest before → sums", 1, tuple(PRICES),
             (copy("SELECT t.instrument, count(*) AS trades, sum(t.price - q.price)::BIGINT AS slippage FROM 'trades.parquet' t "
                   "ASOF JOIN 'quotes.parquet' q ON t.instrument = q.instrument AND q.ts <= t.ts "
                   "WHERE t.ts - q.ts <= INTERVAL 1 hour GROUP BY ALL"),),
             (("SELECT instrument, trades, slippage FROM delta('slippage')",
               "SELECT instrument, trades, slippage FROM 'duckdb.parquet'"),), True),
    nexmark(),
]
