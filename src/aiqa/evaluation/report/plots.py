"""Plots as SVG to stand in a page, whose colours and font they take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from aiqa.evaluation.metrics.confidence import Reliability, RiskCoverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {"#010101": "ink", "#020202": "muted", "#030303": "line", "#040404": "accent"}
"""Colours that matplotlib draws with, and the page's variables that they are replaced by."""
_INK, _MUTED, _LINE, _ACCENT = _COLOURS

_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text, in the page's font
    "svg.hashsalt": "aiqa",  # the same plot is the same file
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _MUTED,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "grid.color": _LINE,
    "text.color": _INK,
}


def risk_coverage(curve: RiskCoverage, answered: float, threshold: float) -> str:
    """Risk against coverage; the dot is where confidence is at least ``threshold``.

    ``answered`` is the share of questions answered there.
    """
    with _drawn("risk", "Questions answered, most confident first", "Of these wrong") as (
        axes,
        out,
    ):
        axes.step(curve.coverage, curve.risk, where="pre", color=_ACCENT, linewidth=2)
        if answered:
            risk = curve.risk_at(answered)
            axes.plot([answered], [risk], "o", color=_INK)
            axes.annotate(
                f"shown at {threshold:.0%} confidence: {answered:.0%} answered, {risk:.0%} wrong",
                (answered, risk),
                xytext=(0.03, 0.93),
                textcoords="axes fraction",
                arrowprops={"arrowstyle": "-", "color": _MUTED},
            )
        axes.set_ylim(0, max(0.1, float(curve.risk.max()) * 1.25))
    return out[0]


def reliability(diagram: Reliability) -> str:
    """Accuracy against confidence; the size of a dot tells how many questions it stands for."""
    with _drawn("reliability", "Confidence", "Right") as (axes, out):
        axes.plot([0, 1], [0, 1], color=_MUTED, linestyle="--", linewidth=1)
        sizes = 20 + 380 * diagram.count / diagram.count.max()
        axes.plot(diagram.confidence, diagram.accuracy, color=_ACCENT, linewidth=1)
        axes.scatter(diagram.confidence, diagram.accuracy, s=sizes, color=_ACCENT, alpha=0.8)
        for x, y, count in zip(diagram.confidence, diagram.accuracy, diagram.count, strict=True):
            axes.annotate(
                str(count),
                (x, y),
                xytext=(0, 12),
                textcoords="offset points",
                ha="center",
                color=_MUTED,
            )
        axes.set_ylim(0, 1.15)
    return out[0]


_LEAST_BARS = 4
"""Fewer are not drawn thicker: a system from outside has one."""


def latency(stages: Mapping[str, Mapping[str, float]]) -> str:
    """Median of each stage as a bar, with a line to the 95th percentile."""
    with _drawn("latency", "Milliseconds: median, and 95th percentile", "") as (axes, out):
        names = list(stages)[::-1]
        middle = [stages[name]["p50"] for name in names]
        late = [stages[name]["p95"] for name in names]
        axes.barh(names, middle, color=_ACCENT, height=0.5)
        axes.hlines(names, middle, late, color=_INK, linewidth=2)
        for name, x, y in zip(names, middle, late, strict=True):
            axes.annotate(
                f"{x:,.0f} – {y:,.0f}",
                (y, name),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
            )
        axes.set_xlim(0, max([*late, 1]) * 1.3)
        free = max(_LEAST_BARS - len(names), 0) / 2
        axes.set_ylim(-0.5 - free, len(names) - 0.5 + free)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.grid(visible=False)
    return out[0]


@contextmanager
def _drawn(name: str, x: str, y: str) -> Iterator[tuple[Axes, list[str]]]:
    """Axes to draw on, and a list that then holds the SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    out: list[str] = []
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 3.4), layout="constrained")
        axes = figure.subplots()
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(visible=True, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        if y:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        yield axes, out
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    out.append(_inlined(text.getvalue(), name))


def _inlined(svg: str, name: str) -> str:
    """The element alone, its ids apart from other plots', its colours and font the page's."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<=\sid=")', f"{name}-", svg)
    svg = re.sub(r"(?<=url\(#)|(?<=href=\"#)", f"{name}-", svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    for colour, variable in _COLOURS.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return svg
