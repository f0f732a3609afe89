"""Inserts row after row and keeps what was acknowledged; with an argument, compares that with what is there.

Two writers go through the Service of the leader, two through the pools before it, as applications do. One more for each member tries that member only,
so that a leader who has been replaced would be caught taking a row.
"""
import json
import os
import select
import sys
import threading
import time

import psycopg2
from psycopg2 import extensions

def named(variable):
    return [f"{host}.{os.environ['NAMESPACE']}.svc" for host in os.environ[variable].split(",")]


[POOLER], [SERVICE], [REPLICA], MEMBERS = (named(each) for each in ("POOLER", "SERVICE", "REPLICA", "MEMBERS"))
KEPT = "/tmp/acknowledged"
FAILED = "/tmp/failed"
RATE = 20
DEADLINE = float(os.environ["PATIENCE"])
INSERT = """insert into written values (%s, %s)
    returning pg_walfile_name(pg_current_wal_lsn()), host(inet_server_addr()), (pg_control_system()).system_identifier"""


def wait(connection):
    """A frozen server accepts a connection and never answers, which libpq alone would wait for without end."""
    end = time.monotonic() + DEADLINE
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            return
        read, write = ([connection], []) if state == extensions.POLL_READ else ([], [connection])
        if not any(select.select(read, write, [], max(0, end - time.monotonic()))):
            raise TimeoutError


def connect(host):
    connection = psycopg2.connect(
        host=host, port=6432 if host == POOLER else 5432, dbname="app", user="app", password=os.environ["PASSWORD"], sslmode="verify-full", sslrootcert="/tls/ca.crt"
    )
    connection.autocommit = True
    return connection


def note_failure(name, error, failed, lock, **row):
    with lock:
        failed.write(json.dumps({"name": name, "at": time.time(), "error": repr(error), **row}) + "\n")
        failed.flush()


def read(name, host, failed, lock):
    connection = None
    while True:
        try:
            connection = connection or connect(host)
            with connection.cursor() as cursor:
                cursor.execute("select count(*) from written")
        except (psycopg2.Error, TimeoutError) as error:
            note_failure(name, error, failed, lock)
            if connection:
                connection.close()
            connection = None
        time.sleep(1 / RATE)


def write(name, host, kept, failed, lock):
    connection, number = None, 0
    while True:
        number += 1
        started = time.time()
        try:
            connection = connection or connect(host)
            with connection.cursor() as cursor:
                cursor.execute(INSERT, (name, number))
                segment, server, system = cursor.fetchone()
        except (psycopg2.Error, TimeoutError) as error:
            # Whether the row is there is unknown, which is not lost: nobody was told that it is.
            note_failure(name, error, failed, lock, number=number, started=started)
            if connection:
                connection.close()
            connection = None
            time.sleep(0.1)
            continue
        row = {"name": name, "number": number, "started": started, "acked": time.time()}
        with lock:
            kept.write(json.dumps({**row, "timeline": int(segment[:8], 16), "server": server, "system": system}) + "\n")
            kept.flush()
        time.sleep(1 / RATE)


def run():
    with connect(SERVICE) as connection, connection.cursor() as cursor:
        cursor.execute("create table written (name text, number bigint, primary key (name, number))")
    writers = [(f"service-{index}", SERVICE) for index in range(2)]
    writers += [(f"pooler-{index}", POOLER) for index in range(2)]
    writers += [(f"member-{index}", host) for index, host in enumerate(MEMBERS)]
    lock = threading.Lock()
    with open(KEPT, "w") as kept, open(FAILED, "w") as failed:
        threads = [threading.Thread(target=write, args=(*writer, kept, failed, lock)) for writer in writers]
        threads.append(threading.Thread(target=read, args=("reader-0", REPLICA, failed, lock)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def longest_gap(rows, since, until):
    times = [since, *sorted(row["acked"] for row in rows if since <= row["acked"] <= until), until]
    return max(after - before for before, after in zip(times, times[1:]))


def overtaken(rows):
    """Rows taken on a timeline after one of a later timeline was: by a leader who had been replaced."""
    found, latest = 0, []
    for row in sorted(rows, key=lambda row: row["acked"]):
        before = [other for other in latest if other["system"] == row["system"]]
        found += any(other["timeline"] > row["timeline"] and other["acked"] < row["started"] for other in before)
        if not any(other["timeline"] == row["timeline"] for other in before):
            latest.append(row)
    return found


def turns(rows):
    """How often rows were taken by a cluster with other data than the one before, in the order in which they counted."""
    systems = [row["system"] for row in sorted(rows, key=lambda row: row["acked"])]
    return sum(before != after for before, after in zip(systems, systems[1:]))


def lines_of(file):
    with open(file) as lines:
        return [json.loads(line) for line in lines.read().splitlines()]


def acknowledged():
    return lines_of(KEPT)


def failures(way, since):
    return [each["error"] for each in lines_of(FAILED) if each["name"].startswith(way) and each["at"] >= since]


def rows_as_of(time):
    names = lambda rows: [f"{row['name']} {row['number']}" for row in rows]
    rows = acknowledged()
    unknown = [each for each in lines_of(FAILED) if "number" in each]
    return {
        "sure": names(row for row in rows if row["acked"] <= time),
        "possible": names(row for row in rows + unknown if row["started"] <= time),
    }


def report(since):
    rows = acknowledged()
    until = time.time()
    with connect(SERVICE) as connection, connection.cursor() as cursor:
        cursor.execute("select name, number from written")
        there = set(cursor.fetchall())
    servers = {}
    for row in rows:
        servers.setdefault((row["system"], row["timeline"]), set()).add(row["server"])
    return {
        "acknowledged": sum(row["acked"] >= since for row in rows),
        "lost": sum((row["name"], row["number"]) not in there for row in rows),
        "overtaken": overtaken(rows),
        "turns": turns(row for row in rows if row["acked"] >= since),
        "shared": sum(len(each) > 1 for each in servers.values()),
        "gaps": {
            way: longest_gap([row for row in rows if row["name"].startswith(way)], since, until)
            for way in ("service", "pooler")
        },
        "failures": {way: failures(way, since) for way in ("service", "pooler", "reader")},
    }


if __name__ == "__main__":
    extensions.set_wait_callback(wait)
    if len(sys.argv) > 1:
        print(json.dumps({"report": report, "rows": rows_as_of}[sys.argv[1]](float(sys.argv[2]))))
    else:
        run()
