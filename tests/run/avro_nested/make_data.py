"""Makes data/: Avro files with lists, maps and records within each other, and records that hold their own kind."""
import json
import pathlib

import fastavro

DATA = pathlib.Path(__file__).parent / "data"
PLACE = {"type": "record", "name": "Place", "fields": [
    {"name": "lon", "type": "float"}, {"name": "town", "type": ["null", "string"]}, {"name": "lat", "type": "int"}]}
TREE = {"type": "record", "name": "Tree", "fields": [
    {"name": "label", "type": "string"}, {"name": "branches", "type": {"type": "array", "items": "Tree"}}]}


def schema(fields):
    return fastavro.parse_schema({
        "type": "record", "name": "Visit", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]})


def nested(items, depth):
    for _ in range(depth):
        items = [items]
    return items


def deep(kind, depth):
    for _ in range(depth):
        kind = {"type": "array", "items": kind}
    return kind


def main():
    DATA.mkdir(exist_ok=True)
    fields = {
        "VisitID": "long",
        "place": ["null", PLACE],
        "tags": {"type": "array", "items": ["null", "string"]},
        "scores": {"type": "map", "values": {"type": "array", "items": ["int", "long", "null"]}},
        "by_day": {"type": "array", "items": {"type": "record", "name": "Day", "fields": [
            {"name": "key", "type": {"type": "int", "logicalType": "date"}}, {"name": "value", "type": "Place"}]}},
        "deep": deep("boolean", 31),
        "former": ["null", "Place"],
        "tree": TREE,
    }
    tree = {"label": "root", "branches": [{"label": "leaf", "branches": []}]}
    rows = []
    for i in range(12):
        place = {"lon": i / 4, "lat": i - 6, "town": [None, "Zürich"][i % 2]}
        rows.append({
            "VisitID": i,
            "place": None if i % 5 == 4 else place,
            "tags": [f"tag {n}" if n % 3 else None for n in range(i % 5)],
            "scores": {f"k{n}": [n, None, 2**40 + n] for n in range(i % 4)},
            "by_day": [{"key": 20000 + n % 2, "value": dict(place, lat=n)} for n in range(i % 4)],
            "deep": nested(i % 2 == 0, 31),
            "former": place,
            "tree": tree,
        })
    rows[7]["tags"] = ["good"]
    with open(DATA / "a.avro", "wb") as out:
        fastavro.writer(out, schema(fields), rows, codec="deflate", sync_marker=b"a" * 16)
    # Nothing that the contract must have, and a list with a null that it does not admit.
    less = {"id": "int", "tags": ["null", {"type": "array", "items": ["null", "string"]}],
            "scores": {"type": "map", "values": {"type": "array", "items": ["null", "string"]}}}
    with open(DATA / "b.avro", "wb") as out:
        fastavro.writer(out, schema(less), [
            {"id": 100, "tags": ["x"], "scores": {}},
            {"id": 101, "tags": None, "scores": {"k": []}},
            {"id": 102, "tags": [None], "scores": {"k": [None]}},
            {"id": 103, "tags": [], "scores": {"k": ["no number"]}},
        ], sync_marker=b"b" * 16)
    truth = [dict(row, by_day={str(day["key"]): day["value"] for day in row["by_day"]}) for row in rows]
    with open(DATA.parent / "truth.ndjson", "w", encoding="utf-8") as out:
        for row in truth:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
