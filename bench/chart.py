"""Charts as SVG, with nothing from outside, readable on light and on dark pages."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import Sequence

# The colours of each series, on a light page and on a dark one.
COLOURS = (
    *(("#1d4ed8", "#7db2ff"), ("#b45309", "#fbbf24"), ("#15803d", "#5ee08a"), ("#a21caf", "#f0a5ff")),
    *(("#0e7490", "#67e8f9"), ("#b91c1c", "#fca5a5"), ("#4d7c0f", "#bef264"), ("#6b7280", "#9ca3af")),
)
FONT = "ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
LINE_HEIGHT = 18


def _style() -> str:
    def rules(theme: int) -> str:
        ink, faint, grid = (("#1f2328", "#59636e", "#d1d9e0"), ("#f0f6fc", "#9198a1", "#3d444d"))[theme]
        colours = "".join(
            f".s{number}{{fill:{pair[theme]};stroke:{pair[theme]}}}" for number, pair in enumerate(COLOURS)
        )
        return f"text{{fill:{ink}}}.faint{{fill:{faint}}}.grid{{stroke:{grid}}}.mark{{stroke:{faint}}}{colours}"

    common = f"text{{font:13px {FONT};stroke:none}}.title{{font-weight:600;font-size:15px}}.line{{fill:none;stroke-width:2}}"
    return f"<style>{common}{rules(0)}@media(prefers-color-scheme:dark){{{rules(1)}}}</style>"


@dataclass
class Drawing:
    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text(16, 24, self.title, "title")

    def text(self, x: float, y: float, text: str, style: str = "", anchor: str = "start") -> None:
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str = "grid", width: float = 1) -> None:
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}" stroke-width="{width}"/>'
        )

    def dot(self, x: float, y: float, series: int, radius: float = 5) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="s{series}"/>')

    def bar(self, x: float, y: float, width: float, height: float, series: int) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" class="s{series}" stroke="none"/>'
        )

    def path(self, points: Sequence[tuple[float, float]], series: int) -> None:
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{joined}" class="line s{series}" style="fill:none"/>')

    def legend(self, x: float, y: float, names: Sequence[str]) -> None:
        for number, name in enumerate(names):
            self.bar(x, y - 10, 11, 11, number % len(COLOURS))
            self.text(x + 16, y, name)
            x += 16 + 7.2 * len(name) + 18

    def svg(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(self.title, quote=True)}">'
        )
        return "\n".join([head, _style(), *self.parts, "</svg>", ""])


@dataclass
class Scale:
    """Turns values into positions, on a logarithmic axis or a linear one that starts at 0."""

    least: float
    most: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        if self.logarithmic:
            value = max(value, self.least)
            part = math.log(value / self.least) / math.log(self.most / self.least)
        else:
            part = (value - self.least) / (self.most - self.least)
        return self.start + part * (self.end - self.start)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first, last = math.floor(math.log10(self.least)), math.ceil(math.log10(self.most))
            ticks = [10.0**power for power in range(first, last + 1)]
        else:
            rough = (self.most - self.least) / 5
            unit = 10 ** math.floor(math.log10(rough))
            step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
            ticks = [self.least + step * number for number in range(int((self.most - self.least) / step) + 1)]
        return [tick for tick in ticks if self.least * 0.999 <= tick <= self.most * 1.001]


def number(value: float) -> str:
    """A number with a thousands separator, and only as many digits as are significant."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.1f}" if size >= 10 else f"{value:.2g}"


def _decades(values: Sequence[float]) -> tuple[float, float]:
    return 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))


Spread = dict[str, float]


def dot_plot(title: str, unit: str, ways: Sequence[str], rows: Sequence[tuple[str, Sequence[Spread | None]]]) -> str:
    """A dot for each series in each row, on a logarithmic axis, with a line from the minimum to the maximum."""
    left, right, top, row_height = 330, 40, 72, 46
    drawing = Drawing(860, top + row_height * len(rows) + 52, title)
    known = [spread for _, spreads in rows for spread in spreads if spread]
    bottom = top + row_height * len(rows)
    values = [max(value, 0.01) for spread in known for value in (spread["minimum"], spread["maximum"])]
    scale = Scale(*_decades(values), left, drawing.width - right, logarithmic=True)
    drawing.legend(left, 50, ways)
    for tick in scale.ticks():
        drawing.line(scale(tick), top - 8, scale(tick), bottom)
        drawing.text(scale(tick), bottom + 18, number(tick), "faint", "middle")
    drawing.text((left + drawing.width - right) / 2, bottom + 38, f"{unit}, logarithmic", "faint", "middle")
    for row, (name, spreads) in enumerate(rows):
        y = top + row_height * row + row_height / 2 - 4
        drawing.text(left - 14, y + 4, name, anchor="end")
        for series, spread in enumerate(spreads):
            if spread:
                drawing.line(scale(spread["minimum"]), y, scale(spread["maximum"]), y, f"s{series}", 2)
                drawing.dot(scale(spread["median"]), y, series)
                # The number of the first series is above its dot, that of the second below, so they never overlap.
                drawing.text(scale(spread["median"]), y + (19, -9)[series == 0], number(spread["median"]), "faint", "middle")
    return drawing.svg()


def stacked_bars(title: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], unit: str) -> str:
    """A bar for each row, made of the row's parts, with their sum after it."""
    left, right, top, row_height = 330, 110, 76, 34
    drawing = Drawing(860, top + row_height * len(rows) + 48, title)
    drawing.legend(16, 50, names)
    bottom = top + row_height * len(rows)
    scale = Scale(0, 100, left, drawing.width - right)
    for tick in scale.ticks():
        drawing.line(scale(tick), top - 6, scale(tick), bottom)
        drawing.text(scale(tick), bottom + 16, f"{tick:.0f} %", "faint", "middle")
    for row, (name, parts) in enumerate(rows):
        y, whole, at = top + row_height * row, sum(parts), 0.0
        drawing.text(left - 14, y + 18, name, anchor="end")
        for series, part in enumerate(parts):
            share = 100 * part / whole
            drawing.bar(scale(at), y + 3, scale(at + share) - scale(at), row_height - 12, series % len(COLOURS))
            at += share
        drawing.text(scale(100) + 10, y + 18, f"{number(whole)} {unit}")
    return drawing.svg()


def bars(title: str, unit: str, ways: Sequence[str], groups: Sequence[tuple[str, Sequence[Spread]]]) -> str:
    """A bar for each series in each group, from 0, with a line from the minimum to the maximum."""
    left, right, top, bar_height, gap = 170, 80, 70, 22, 22
    group_height = bar_height * len(ways) + gap
    drawing = Drawing(860, top + group_height * len(groups) + 40, title)
    drawing.legend(left, 50, ways)
    bottom = top + group_height * len(groups) - gap + 8
    most = max(spread["maximum"] for _, spreads in groups for spread in spreads)
    scale = Scale(0, most * 1.02, left, drawing.width - right)
    for tick in scale.ticks():
        drawing.line(scale(tick), top - 8, scale(tick), bottom)
        drawing.text(scale(tick), bottom + 16, number(tick), "faint", "middle")
    drawing.text((left + drawing.width - right) / 2, bottom + 34, unit, "faint", "middle")
    for place, (name, spreads) in enumerate(groups):
        y = top + group_height * place
        drawing.text(left - 14, y + bar_height * len(ways) / 2 + 4, name, anchor="end")
        for series, spread in enumerate(spreads):
            middle = y + bar_height * series + (bar_height - 4) / 2
            drawing.bar(left, y + bar_height * series, scale(spread["median"]) - left, bar_height - 4, series)
            drawing.line(scale(spread["minimum"]), middle, scale(spread["maximum"]), middle, "mark", 1.5)
            drawing.text(scale(spread["maximum"]) + 8, middle + 4, number(spread["median"]))
    return drawing.svg()


@dataclass
class Panel:
    title: str
    x_unit: str
    y_unit: str
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]]
    logarithmic: bool = False


def panels(title: str, content: Sequence[Panel]) -> str:
    """Line charts, side by side. A series has the same colour in all of them."""
    width, height, left, top = 430, 250, 70, 96
    drawing = Drawing(width * len(content), top + height + 60, title)
    names = list(dict.fromkeys(name for panel in content for name, _ in panel.series))
    if len(names) > 1:
        drawing.legend(16, 50, names)
    for place, panel in enumerate(content):
        _draw_panel(drawing, panel, names, width * place + left, top, width - left - 26, height)
    return drawing.svg()


def _draw_panel(
    drawing: Drawing, panel: Panel, names: Sequence[str], left: float, top: float, width: float, height: float
) -> None:
    xs = [x for _, points in panel.series for x, _ in points]
    ys = [y for _, points in panel.series for _, y in points]
    if panel.logarithmic:
        across = Scale(*_decades(xs), left, left + width, logarithmic=True)
        up = Scale(*_decades(ys), top + height, top, logarithmic=True)
    else:
        across = Scale(min(xs), max(xs), left, left + width)
        up = Scale(0, max(ys) * 1.05, top + height, top)
    drawing.text(left, top - 14, f"{panel.title}, {panel.y_unit}", "faint")
    for tick in up.ticks():
        drawing.line(left, up(tick), left + width, up(tick))
        drawing.text(left - 8, up(tick) + 4, number(tick), "faint", "end")
    for tick in across.ticks():
        shown = f"{tick:.0e}".replace("e+0", "e") if tick >= 1e5 else number(tick)
        drawing.text(across(tick), top + height + LINE_HEIGHT, shown, "faint", "middle")
    drawing.text(left + width / 2, top + height + 2 * LINE_HEIGHT + 4, panel.x_unit, "faint", "middle")
    for name, points in panel.series:
        series = names.index(name) % len(COLOURS)
        places = [(across(x), up(y)) for x, y in points]
        drawing.path(places, series)
        for x, y in places:
            drawing.dot(x, y, series, 3)
