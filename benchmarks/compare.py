"""Run two ways of computing the same side by side, and print CPU, wall time, ratio and memory."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATUS, REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def measure(work: Callable[[], Any]) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and how far the peak of memory rose, in megabytes."""
    before = _resident("VmRSS") if _forget_peak() else float("nan")
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = _resident("VmHWM") - before if STATUS.exists() else float("nan")
    del result
    return cpu, wall, peak


def compare(title: str, ways: dict[str, Callable[[], Any]], repeat: int = 3) -> None:
    """Print the best of `repeat` runs of each way, taken in turns; ratios are to the last way."""
    best: dict[str, tuple[float, ...]] = {}
    for _ in range(repeat):
        for name, work in ways.items():
            now = measure(work)
            old = best.get(name, now)
            best[name] = tuple(min(pair) for pair in zip(old, now, strict=True))
    base = best[next(reversed(ways))]
    for name, (cpu, wall, peak) in best.items():
        ratio = f"{cpu / base[0]:.2f} | {wall / base[1]:.2f}" if len(ways) > 1 else " | "
        print(f"| {title} | {name} | {cpu:.2f} | {wall:.2f} | {ratio} | {peak:.0f} |", flush=True)


def header() -> None:
    print("| case | way | CPU s | wall s | CPU ratio | wall ratio | memory MB |")
    print("|---|---|--:|--:|--:|--:|--:|", flush=True)


def _forget_peak() -> bool:
    """Start the record of the highest memory use anew; False where the system keeps none."""
    if not REFS.exists():
        return False
    REFS.write_text("5")
    return True


def _resident(field: str) -> float:
    lines = STATUS.read_text().splitlines()
    return float(next(line for line in lines if line.startswith(field)).split()[1]) / 1024
