"""Where the numbers were measured."""

import os
import platform
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    """Processor, cores, memory, kernel."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    model = names[0].split(":", 1)[1].strip() if names else platform.processor()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": model, "cores": os.cpu_count() or 0, "memoryBytes": memory, "kernel": platform.release()}
