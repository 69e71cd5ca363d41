#!/usr/bin/env python3
"""Two tables with a past: given/stock with in-commit timestamps, lake/prices without."""
import decimal
import json
import pathlib

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).resolve().parent
HOUR_MS = 3600000
START_MS = 1767225600000  # 2026-01-01T00:00:00Z


def field(name, kind, nullable=True):
    return {"name": name, "type": kind, "nullable": nullable, "metadata": {}}


class Table:
    def __init__(self, path, fields, configuration, features):
        self.path, self.version = path, 0
        self.configuration, self.features = configuration, features
        (path / "_delta_log").mkdir(parents=True, exist_ok=True)
        self.fields = fields

    def metadata(self):
        schema = json.dumps({"type": "struct", "fields": self.fields})
        return {"metaData": {"id": "5f1ccf09-3a4f-4a0b-8c02-6a1c3c1f0a" + ("01" if self.features else "02"),
                             "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
                             "partitionColumns": [], "configuration": self.configuration}}

    def commit(self, rows, remove=(), evolved=False):
        time = START_MS + self.version * HOUR_MS
        actions = [{"commitInfo": {"timestamp": time, "operation": "WRITE", "operationParameters": {}}}]
        if self.features:
            actions[0]["commitInfo"]["inCommitTimestamp"] = time
        if self.version == 0:
            writer = {"minReaderVersion": 1, "minWriterVersion": 7 if self.features else 2}
            if self.features:
                writer["writerFeatures"] = self.features
            actions.append({"protocol": writer})
        if self.version == 0 or evolved:
            actions.append(self.metadata())
        for name in remove:
            actions.append({"remove": {"path": name, "deletionTimestamp": time, "dataChange": True}})
        name = f"part-{self.version}.parquet"
        pyarrow.parquet.write_table(rows, self.path / name)
        actions.append({"add": {"path": name, "partitionValues": {}, "size": (self.path / name).stat().st_size,
                                "modificationTime": time, "dataChange": True}})
        log = self.path / "_delta_log" / f"{self.version:020}.json"
        log.write_text("".join(json.dumps(action) + "\n" for action in actions))
        self.version += 1
        return name


def stock():
    fields = [field("item", "string"), field("pieces", "long")]
    table = Table(HERE / "given/stock", fields, {"delta.enableInCommitTimestamps": "true"}, ["inCommitTimestamp"])
    first = table.commit(pyarrow.table({"item": ["nut", "bolt"], "pieces": [100, 50]}))
    table.commit(pyarrow.table({"item": ["gear"], "pieces": [7]}))
    table.fields = [*fields, field("place", "string")]
    table.commit(pyarrow.table({"item": ["nut", "bolt"], "pieces": [90, 50], "place": ["a1", "b2"]}), [first], True)


def prices():
    table = Table(HERE / "lake/prices", [field("item", "string", False), field("price", "decimal(8,2)", False)], {}, [])
    money = pyarrow.decimal128(8, 2)
    first = table.commit(pyarrow.table({"item": ["nut", "bolt"], "price": pyarrow.array([decimal.Decimal(10), decimal.Decimal(20)], money)}))
    table.commit(pyarrow.table({"item": ["nut"], "price": pyarrow.array([decimal.Decimal(99)], money)}), [first])


stock()
prices()
