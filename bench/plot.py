"""Draws what bench/compare measured: ONNX Runtime's latency over ours, a bar per
model and thread count, as SVG. Written here line by line: the distribution's
plotting packages would be the only ones that bench needs.
"""
import html
import math

COLORS = ["#3465a4", "#f57900", "#4e9a06", "#75507b"]
LABELS, WIDTH, BAR, GAP, TOP, BOTTOM = 170, 520, 11, 8, 54, 40


def ratios(figures):
    """{thread count: {model: ONNX Runtime / ours}} of a -json, in its order; models without a rival are left out."""
    found = {}
    for name, result in figures["models"].items():
        for threads, latency in result.get("latency", {}).items():
            if latency.get("ratio"):
                found.setdefault(threads, {})[name] = 1 / latency["ratio"]
    return found


def step(most):
    """Between two marks of the axis, so that there are at most eight."""
    return next(size for size in (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100) if most / size <= 8 or size == 100)


def text(x, y, content, anchor="start", style=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{html.escape(content)}</text>'


def svg(figures):
    """The drawing as text; None if no model was measured beside ONNX Runtime."""
    found = ratios(figures)
    models = [name for name in figures["models"] if any(name in of for of in found.values())]
    if not models:
        return None
    threads = sorted(found, key=int)
    most = max(1.0, *(value for of in found.values() for value in of.values()))
    height = len(models) * (len(threads) * BAR + GAP)
    scale = WIDTH / (most * 1.08)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + WIDTH + 20}" height="{TOP + height + BOTTOM}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        text(LABELS, 16, "ONNX Runtime's latency / ours (longer is better)", style=' font-size="13"'),
    ]
    for i, count in enumerate(threads):
        mean = math.exp(sum(map(math.log, found[count].values())) / len(found[count]))
        x = LABELS + 200 * i
        lines.append(f'<rect x="{x}" y="26" width="10" height="10" fill="{COLORS[i % len(COLORS)]}"/>')
        plural = "" if count == "1" else "s"
        lines.append(text(x + 15, 35, f"{count} thread{plural}, geometric mean {mean:.2f}"))
    size = step(most * 1.08)
    for mark in range(int(most * 1.08 / size) + 1):
        x = LABELS + mark * size * scale
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + height}" stroke="#ddd"/>')
        lines.append(text(x, TOP + height + 16, f"{mark * size:g}", "middle"))
    y = TOP
    for name in models:
        lines.append(text(LABELS - 6, y + len(threads) * BAR / 2 + 4, name, "end"))
        for i, count in enumerate(threads):
            value = found[count].get(name)
            if value:
                lines.append(
                    f'<rect x="{LABELS}" y="{y:.1f}" width="{value * scale:.1f}" height="{BAR - 1}" '
                    f'fill="{COLORS[i % len(COLORS)]}"><title>{html.escape(name)}, {count}: {value:.2f}</title></rect>'
                )
            y += BAR
        y += GAP
    x = LABELS + scale
    lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{TOP + height}" stroke="#a40000"/>')
    lines.append("</svg>")
    return "\n".join(lines) + "\n"
