"""Reading beside pandas and polars: times, ratios and peak memory, all in one run on the same machine.

    python3 benches/peers/read.py [BINARY]

BINARY is the release build, target/release/beliefscope by default. `describe` does more than the two others: besides
reading and typing it takes the file's SHA-256, profiles every column, guesses roles and looks for what is wrong. What
opening alone takes (without the checks) is measured by `cargo bench --bench engine -- open`. pandas and polars are
timed inside a fresh process, after their import and before their end; ours from start to end of the process. Rounds
are interleaved, so that what else the machine does meets all of them.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
TABLES = [("1,000,000 x 10", 1_000_000, 10), ("100,000 x 100", 100_000, 100), ("500 x 10,000", 500, 10_000)]
PEER = "import time, {0} as p; a = time.perf_counter(); t = p.read_csv({1!r}); print(time.perf_counter() - a)"


def make(path, rows, columns):
    """Normal deviates of 4 to 8 significant digits; each column on a scale of its own."""
    source = random.Random(1)
    scales = [10.0 ** source.randint(-3, 3) for _ in range(columns)]
    # A pool of numbers keeps this from taking longer than the measurement.
    pools = [[f"{source.gauss(0, s):.{source.randint(4, 8)}g}" for _ in range(50_000)] for s in scales[:10]]
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(f"x{i}" for i in range(columns)) + "\n")
        for _ in range(rows):
            file.write(",".join(source.choice(pools[i % len(pools)]) for i in range(columns)) + "\n")


def run(command):
    """Seconds from start to end, peak memory in bytes, and what was printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"failed: {command}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit, printed


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/beliefscope"
    peers = [name for name in ("pandas", "polars") if subprocess.run(
        [sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0]
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, columns in TABLES:
            path = os.path.join(folder, "table.csv")
            make(path, rows, columns)
            size = os.path.getsize(path)
            times = {who: [] for who in ["beliefscope", *peers]}
            memory = dict.fromkeys(times, 0)
            for _ in range(ROUNDS + 1):
                for who in times:
                    if who == "beliefscope":
                        seconds, peak, _ = run([binary, "describe", path, "--json", os.path.join(folder, "out.json")])
                    else:
                        _, peak, printed = run([sys.executable, "-c", PEER.format(who, path)])
                        seconds = float(printed)
                    times[who].append(seconds)
                    memory[who] = max(memory[who], peak)
            print(f"\n{name}, {size / 1e6:.0f} MB, median of {ROUNDS} after one to warm up")
            ours = statistics.median(times["beliefscope"][1:])
            for who in times:
                median = statistics.median(times[who][1:])
                print(f"  {who:12} {median:7.3f} s   {median / ours:5.2f} of ours   "
                      f"peak memory {memory[who] / size:4.2f} of the file")


if __name__ == "__main__":
    main()
