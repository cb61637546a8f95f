"""Word and PowerPoint files made of their XML, for what the libraries that write them cannot."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

MARKUP = "http://schemas.openxmlformats.org"
MICROSOFT = "http://schemas.microsoft.com/office"
RELATIONS = f"{MARKUP}/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{namespace}"'
    for prefix, namespace in {
        "a": f"{MARKUP}/drawingml/2006/main",
        "c": f"{MARKUP}/drawingml/2006/chart",
        "cx": f"{MICROSOFT}/drawing/2014/chartex",
        "dgm": f"{MARKUP}/drawingml/2006/diagram",
        "m": f"{MARKUP}/officeDocument/2006/math",
        "mc": f"{MARKUP}/markup-compatibility/2006",
        "o": "urn:schemas-microsoft-com:office:office",
        "p": f"{MARKUP}/presentationml/2006/main",
        "p188": f"{MICROSOFT}/powerpoint/2018/8/main",
        "r": RELATIONS,
        "v": "urn:schemas-microsoft-com:vml",
        "w": f"{MARKUP}/wordprocessingml/2006/main",
        "w14": f"{MICROSOFT}/word/2010/wordml",
        "wp": f"{MARKUP}/drawingml/2006/wordprocessingDrawing",
        "wps": f"{MICROSOFT}/word/2010/wordprocessingShape",
    }.items()
)


def part(name: str, content: str = "", attributes: str = "") -> str:
    """The XML of a part whose outermost element is ``name``."""
    return f"<{name} {NAMESPACES} {attributes}>{content}</{name}>"


def relations(**targets: str) -> str:
    """Relationships: identifiers to "type path", such as "styles styles.xml"."""
    items = "".join(
        f'<Relationship Id="{identifier}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for identifier, (kind, target) in (
            (identifier, target.split()) for identifier, target in targets.items()
        )
    )
    return f'<Relationships xmlns="{MARKUP}/package/2006/relationships">{items}</Relationships>'


def package(parts: dict[str, str | bytes], main: str) -> bytes:
    """A file of ``parts`` by their names, about the part ``main``."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("_rels/.rels", relations(main=f"officeDocument {main}"))
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(body: str, related: dict[str, str] | None = None, **parts: str | bytes) -> bytes:
    """A Word file with that body; ``parts`` (``footnotes="…"``) are related by their names.

    ``related`` are further relationships, by their identifiers.
    """
    relationships = {name: f"{name} {name}.xml" for name in parts} | (related or {})
    return package(
        {
            "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
            "word/_rels/document.xml.rels": relations(**relationships),
            **{f"word/{name}.xml": content for name, content in parts.items()},
        },
        "word/document.xml",
    )


def run(text: str, properties: str = "") -> str:
    """A run of Word with that text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    """A paragraph of Word: of one run, or of the XML given."""
    inner = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def cell(content: str, properties: str = "") -> str:
    """A cell of a table of Word: of one paragraph, or of the XML given."""
    inner = content if content.startswith(("<w:p", "<w:tbl", "<w:sdt")) else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A row of a table of Word: of cells as XML or as texts."""
    inner = "".join(one if one.startswith("<w:tc") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str) -> str:
    """A table of Word."""
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def presentation(*slides: dict[str, str] | str, **parts: str) -> bytes:
    """A PowerPoint file of slides: their shapes as XML, or their own parts by type.

    In the latter case "shapes" are the shapes; ``parts`` are related to the presentation.
    """
    files: dict[str, str | bytes] = {}
    identifiers = ""
    for number, slide in enumerate(slides, 1):
        own = {"shapes": slide} if isinstance(slide, str) else slide
        tree = f"<p:cSld><p:spTree>{own['shapes']}</p:spTree></p:cSld>"
        files[f"ppt/slides/slide{number}.xml"] = part("p:sld", tree, own.get("attributes", ""))
        files[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
            **{
                kind: f"{kind} ../{kind}{number}.xml"
                for kind in own
                if kind not in ("shapes", "attributes")
            }
        )
        files |= {f"ppt/{kind}{number}.xml": content for kind, content in own.items()}
        identifiers += f'<p:sldId id="{255 + number}" r:id="s{number}"/>'
    files["ppt/presentation.xml"] = part(
        "p:presentation", f"<p:sldIdLst>{identifiers}</p:sldIdLst>"
    )
    targets = {
        f"s{number}": f"slide slides/slide{number}.xml" for number in range(1, len(slides) + 1)
    }
    targets |= {name: f"{name} {name}.xml" for name in parts}
    files["ppt/_rels/presentation.xml.rels"] = relations(**targets)
    files |= {f"ppt/{name}.xml": content for name, content in parts.items()}
    return package(files, "ppt/presentation.xml")


def shape(text: str, placeholder: str = "", place: str = "") -> str:
    """A shape of a slide: of one paragraph, or of the XML given."""
    inner = text if text.startswith("<") else f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>{placeholder}</p:nvPr>'
        f"</p:nvSpPr><p:spPr>{place}</p:spPr><p:txBody><a:bodyPr/>{inner}</p:txBody></p:sp>"
    )


def at(left: int, top: int) -> str:
    """Where a shape stands."""
    return f'<a:xfrm><a:off x="{left}" y="{top}"/></a:xfrm>'


def replaced(data: bytes, name: str, content: bytes | None) -> bytes:
    """The file ``data`` with another content of one part, or without it."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(out, "w") as archive:
        for entry in source.namelist():
            if entry != name:
                archive.writestr(entry, source.read(entry))
            elif content is not None:
                archive.writestr(entry, content)
    return out.getvalue()


CHART = part(
    "c:chartSpace",
    "<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Exports</a:t></a:r></a:p></c:rich></c:tx>"
    "</c:title><c:plotArea><c:barChart>"
    + "".join(
        f"<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>{name}</c:v></c:pt></c:strCache>"
        "</c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>Tin</c:v></c:pt>"
        "<c:pt idx='1'><c:v>Copper</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef>"
        f"<c:numCache><c:formatCode>{code}</c:formatCode><c:pt idx='0'><c:v>{first}</c:v></c:pt>"
        f"<c:pt idx='1'><c:v>{second}</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>"
        for name, code, first, second in (
            ("Tonnes", "General", "264", "731.5"),
            ("Share", "0.0%", "0.265", "0.73500000000000003"),
        )
    )
    + "</c:barChart></c:plotArea></c:chart>",
)
"""The part of a chart with two series."""

DIAGRAM = part(
    "dgm:dataModel",
    '<dgm:ptLst><dgm:pt modelId="0" type="doc"/>'
    + "".join(
        f'<dgm:pt modelId="{number}"><dgm:t>'
        f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for number, words in enumerate(("Second", "First", "Under first"), 1)
    )
    + "</dgm:ptLst><dgm:cxnLst>"
    '<dgm:cxn srcId="0" destId="1" srcOrd="1"/><dgm:cxn srcId="0" destId="2" srcOrd="0"/>'
    '<dgm:cxn srcId="2" destId="3" srcOrd="0"/></dgm:cxnLst>',
)
"""The part of a diagram, whose items stand in another order than they are shown."""
