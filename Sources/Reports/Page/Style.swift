import Diagnostics

/// How a page looks: one style for screens, phones and paper, in light and dark.
enum Style {
  /// The rules of the page, without `<` and `&`.
  static let css: String = light + dark + layout + samples + tables + charts + shades + paper

  /// Six colours that keep apart for most who see colours otherwise, each with a contrast of 3 : 1 at least to the page.
  private static let light = """
    :root{color-scheme:light dark;--page:#fff;--panel:#f6f7f9;--ink:#1a1d21;--soft:#5b6470;--line:#d9dde3;--link:#0b57b0;\
    --good:#0b6bcb;--bad:#c2410c;--warn:#fff4e0;--c0:#0b6bcb;--c1:#c2410c;--c2:#0b7a62;--c3:#8a3ffc;--c4:#8a6d00;--c5:#b0216b}

    """
  private static let dark = """
    @media (prefers-color-scheme:dark){:root{--page:#14171b;--panel:#1d2127;--ink:#e7eaee;--soft:#a3adb9;--line:#363c45;\
    --link:#82b7ff;--good:#5aa7ff;--bad:#ff9055;--warn:#3a2e14;--c0:#5aa7ff;--c1:#ff9055;--c2:#3ccfac;--c3:#b98cff;\
    --c4:#e3c34a;--c5:#ff7eb6}}

    """
  private static let layout = """
    *{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
    main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}
    h1{font-size:1.7rem;line-height:1.2;margin:.2em 0 .3em}h2{font-size:1.25rem;margin:0 0 .6em}h3{font-size:1rem;margin:1.2em 0 .4em}
    section{margin:32px 0 0;padding-top:18px;border-top:1px solid var(--line);scroll-margin-top:8px}
    a{color:var(--link)}p{margin:.5em 0;max-width:75ch}
    nav{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.9rem;margin-top:16px}
    .headline{font-size:1.15rem;max-width:70ch}.note,.kind{color:var(--soft);font-size:.875rem}
    .warning{background:var(--warn);border-left:4px solid var(--bad);padding:8px 12px;margin:8px 0;max-width:none}
    dl.answers{display:grid;grid-template-columns:minmax(150px,max-content) 1fr;margin:0;border:1px solid var(--line);border-radius:8px;overflow:hidden}
    dl.answers dt,dl.answers dd{margin:0;padding:9px 14px;border-top:1px solid var(--line)}
    dl.answers dt:first-of-type,dl.answers dd:first-of-type{border-top:0}dl.answers dt{font-weight:600;background:var(--panel)}
    @media (max-width:560px){dl.answers{grid-template-columns:1fr}dl.answers dd{border-top:0;padding-top:2px}dl.answers dt{padding-bottom:2px;background:none}dl.answers dd:first-of-type{padding-top:2px}}
    code,pre{font:.85em/1.45 ui-monospace,monospace}pre{background:var(--panel);padding:10px 12px;overflow-x:auto;border-radius:6px;overflow-wrap:normal}
    h3.part{font-size:1.1rem;margin:1.6em 0 .5em;padding-top:.7em;border-top:1px dashed var(--line)}
    p.parts{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.9rem;max-width:none}
    ul.rows{list-style:none;margin:.4em 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:10px 16px}
    ul.rows li{border:1px solid var(--line);border-radius:8px;padding:8px 12px;min-width:0}ul.rows p{margin:0 0 4px}
    .cells{display:flex;flex-wrap:wrap;gap:1px 14px;font-size:.9rem}.cell{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
    details{margin:.6em 0}summary{cursor:pointer;font-weight:600}footer{margin-top:40px;color:var(--soft);font-size:.85rem}

    """
  private static let samples = """
    .pair{display:flex;flex-wrap:wrap;gap:8px 14px}.pair figure{flex:none}.pair figcaption{font-weight:400;font-size:.82rem;color:var(--soft)}
    .pair img{image-rendering:pixelated;display:block;height:auto;max-width:100%;border:1px solid var(--line)}
    img.sample{image-rendering:pixelated;float:left;height:auto;max-width:45%;margin:2px 12px 2px 0;border:1px solid var(--line)}
    ul.rows li::after{content:"";display:block;clear:both}
    pre.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 6px}

    """
  private static let tables = """
    .scroll{overflow-x:auto;margin:.6em 0}table{border-collapse:collapse;font-size:.92rem;overflow-wrap:normal}
    th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
    thead th{color:var(--soft);font-weight:600;vertical-align:bottom}tbody th{font-weight:500}
    table.numbers td,table.numbers thead th+th{text-align:right;font-variant-numeric:tabular-nums}
    table.numbers td:has(.kind),table.numbers thead th:has(.kind){text-align:left}
    td.differs,span.differs{color:var(--bad);font-weight:600}.sub{color:var(--soft);font-size:.82rem;white-space:nowrap}
    table.words td{min-width:90px}
    @media (max-width:560px){th,td{padding-right:9px}.sub{white-space:normal}}
    @media (max-width:560px){table.stack,table.stack tbody{display:block}table.stack thead{display:none}
    table.stack tr{display:grid;grid-template-columns:1fr auto;gap:0 12px;padding:6px 0;border-bottom:1px solid var(--line)}
    table.stack th,table.stack td{border:0;padding:0;min-width:0}table.stack td:empty{display:none}
    table.stack td:nth-child(2),table.stack td:nth-child(3){color:var(--soft);font-size:.85rem}
    table.stack td:nth-child(3)::before{content:"missing: "}table.stack td:nth-child(2){grid-column:2}
    table.stack td:nth-child(3),table.stack td:nth-child(4){grid-column:1/3}table.stack td:nth-child(5){grid-column:1/3}}

    """
  private static let charts = """
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:24px 28px;align-items:start}
    figure{margin:0;max-width:520px;min-width:0}figcaption{font-weight:600;font-size:.95rem;margin-bottom:4px}
    svg.chart{display:block;width:100%;height:auto}svg text{fill:var(--ink);font-size:11px;font-family:system-ui,sans-serif}
    svg.spark{display:block}
    .grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}
    .faint{opacity:.4;stroke-width:1}.reference{stroke:var(--soft);stroke-dasharray:5 4;stroke-width:1.5;fill:none}
    .bar{fill:var(--c0)}.whisker{stroke:var(--ink);fill:none;stroke-width:1.5}.mark{fill:var(--page);stroke:var(--ink);stroke-width:2}
    .dots{fill:var(--c0);fill-opacity:.45}
    ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 14px;margin:4px 0 0;padding:0;font-size:.85rem;color:var(--soft)}
    .key{display:inline-block;width:18px;height:0;border-top:3px solid;vertical-align:middle;margin-right:6px}
    .key.reference{border-top:2px dashed var(--soft)}.key.mark{width:9px;height:9px;border:2px solid var(--ink);border-radius:50%}
    text.onheat{fill:#fff}

    """
    + (0..<LineChart.colours).map { place in
      ".line.c\(place){stroke:var(--c\(place))}circle.c\(place){fill:var(--c\(place))}.key.c\(place){border-color:var(--c\(place))}\n"
    }.joined()
    // Lines are told apart without colours too.
    + ".line.c1{stroke-dasharray:7 3}.line.c2{stroke-dasharray:2 3}.line.c3{stroke-dasharray:10 3 2 3}.key.c1{border-top-style:dashed}.key.c2{border-top-style:dotted}\n"

  /// Of confusions: right ones blue, wrong ones orange, as strong as the share of the row.
  private static let shades =
    (0...20).map { shade in
      let part = fixed(Double(shade) / 20, 2)
      return ".h\(shade){fill:rgba(11,87,176,\(part))}.e\(shade){fill:rgba(194,65,12,\(part))}"
    }.joined() + "\n.h0,.e0{fill:var(--panel)}\n"

  private static let paper = """
    @media print{:root{--page:#fff;--panel:#f3f4f6;--ink:#000;--soft:#444;--line:#bbb;--link:#000;--warn:#fff;--c0:#0b57b0;--c1:#b33a00;--c2:#0b6b55;--c3:#6a2bd0;--c4:#6b5500;--c5:#96185a}\
    body{font-size:11pt}main{max-width:none;padding:0}nav{display:none}section{break-inside:auto}figure,tr,ul.rows li,dl.answers dt,dl.answers dd{break-inside:avoid}\
    h2,h3{break-after:avoid}.scroll{overflow:visible}.slices{display:block}.slices>div{break-inside:avoid}pre{white-space:pre-wrap}svg *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
    """
}
