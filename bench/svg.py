"""Draw a plot as SVG without any library: lines over two axes, readable on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 106, 24, 62, 58
STYLE = """
    .page { fill: #ffffff } text { fill: #24292f; font: 13px system-ui, sans-serif }
    .title { font-size: 15px; font-weight: 600 } .axis { stroke: #6e7781; fill: none }
    .grid { stroke: #d0d7de; stroke-width: 0.7 } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
    .s0 { stroke: #0969da } .f0 { fill: #0969da } .s1 { stroke: #bc4c00 } .f1 { fill: #bc4c00 }
    .s2 { stroke: #1a7f37 } .f2 { fill: #1a7f37 } .s3 { stroke: #8250df } .f3 { fill: #8250df }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .axis { stroke: #8b949e } .grid { stroke: #30363d }
      .s0 { stroke: #58a6ff } .f0 { fill: #58a6ff } .s1 { stroke: #f0883e } .f1 { fill: #f0883e }
      .s2 { stroke: #3fb950 } .f2 { fill: #3fb950 } .s3 { stroke: #bc8cff } .f3 { fill: #bc8cff }
    }"""


@dataclass(frozen=True)
class Series:
    """One line. `steps` keeps a value until the next; each point may have a dot (`marks`) and a text (`labels`)."""

    name: str
    points: Sequence[tuple[float, float]]
    steps: bool = False
    marks: bool = False
    dashed: bool = False
    labels: Sequence[str] = ()


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`; on a logarithmic axis both are above 0."""

    name: str
    low: float
    high: float
    log: bool = False
    write: Callable[[float], str] = lambda value: f"{value:,.0f}" if value >= 1000 else f"{value:g}"

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one."""
        low, high, value = (
            (math.log(number) for number in (self.low, self.high, value))
            if self.log
            else (self.low, self.high, value)
        )
        return (value - low) / (high - low)

    def ticks(self) -> list[float]:
        return log_ticks(self.low, self.high) if self.log else even_ticks(self.low, self.high)


def even_ticks(low: float, high: float, limit: int = 7) -> list[float]:
    """Round values 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / limit
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten; powers alone where these would be too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    times = (1, 2, 5) if len(powers) <= 4 else (1,)
    ticks = [factor * 10.0**power for power in powers for factor in times]
    return [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]


def plot(title: str, x: Axis, y: Axis, lines: Sequence[Series]) -> str:
    """The text of an SVG file."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"  <title>{escape(title)}</title>\n  <style>{STYLE}\n  </style>",
        f'  <rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'  <text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        *_legend(lines),
        *_x_axis(x),
        *_y_axis(y),
        *(part for number, line in enumerate(lines) for part in _line(number, line, x, y)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _across(x: Axis, value: float) -> float:
    return round(LEFT + x.share(value) * (WIDTH - LEFT - RIGHT), 1)


def _down(y: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM), 1)


def _legend(lines: Sequence[Series]) -> list[str]:
    parts, left = [], float(LEFT)
    for number, line in enumerate(lines):
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        parts += [
            f'  <path class="line s{number}" d="M{left:g} 44h26"{dash}/>',
            f'  <text x="{left + 32:g}" y="48">{escape(line.name)}</text>',
        ]
        left += 56 + 7.0 * len(line.name)
    return parts


def _x_axis(x: Axis) -> list[str]:
    bottom = HEIGHT - BOTTOM
    parts = []
    for tick in x.ticks():
        left = _across(x, tick)
        parts += [
            f'  <path class="grid" d="M{left:g} {TOP}V{bottom}"/>',
            f'  <text x="{left:g}" y="{bottom + 20}" text-anchor="middle">{escape(x.write(tick))}</text>',
        ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [
        *parts,
        f'  <path class="axis" d="M{LEFT} {bottom}H{WIDTH - RIGHT}"/>',
        f'  <text x="{middle:g}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x.name)}</text>',
    ]


def _y_axis(y: Axis) -> list[str]:
    parts = []
    for tick in y.ticks():
        top = _down(y, tick)
        parts += [
            f'  <path class="grid" d="M{LEFT} {top:g}H{WIDTH - RIGHT}"/>',
            f'  <text x="{LEFT - 8}" y="{top + 4:g}" text-anchor="end">{escape(y.write(tick))}</text>',
        ]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return [
        *parts,
        f'  <path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}"/>',
        f'  <text transform="translate(16 {middle:g}) rotate(-90)" text-anchor="middle">{escape(y.name)}</text>',
    ]


def _line(number: int, line: Series, x: Axis, y: Axis) -> list[str]:
    """What lies outside of an axis is drawn at its end."""
    spots = [
        (_across(x, min(max(a, x.low), x.high)), _down(y, min(max(b, y.low), y.high))) for a, b in line.points
    ]
    if not spots:
        return []
    way = f"M{spots[0][0]:g} {spots[0][1]:g}" + "".join(
        f"H{a:g}V{b:g}" if line.steps else f"L{a:g} {b:g}" for a, b in spots[1:]
    )
    dash = ' stroke-dasharray="6 4"' if line.dashed else ""
    parts = [f'  <path class="line s{number}" d="{way}"{dash}/>']
    if line.marks:
        parts += [f'  <circle class="f{number}" cx="{a:g}" cy="{b:g}" r="4"/>' for a, b in spots]
    return parts + [_label(a, b, text) for (a, b), text in zip(spots, line.labels, strict=False) if text]


def _label(a: float, b: float, text: str) -> str:
    """To the upper left of its spot, where a rising line leaves room; at the left and upper edge away from it."""
    anchor, shift = ("start", 8) if a < LEFT + 8.0 * len(text) else ("end", -8)
    down = 18 if b < TOP + 20 else -8
    return f'  <text x="{a + shift:g}" y="{b + down:g}" text-anchor="{anchor}">{escape(text)}</text>'
