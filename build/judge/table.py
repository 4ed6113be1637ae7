"""The measures of several sets of models as one table, a column each."""

GROUPS = {"children": "Healthy hands of children", "adults": "Healthy hands of adults", "feet": "Healthy feet of adults"}


def table(films, measured):
    """The text; `measured` is name -> measures."""
    rows, reasons = [], []
    columns = list(measured.values())
    of = lambda cell: [cell(m) for m in columns]
    for group, title in GROUPS.items():
        names = [f.name for f in films if f.group == group]
        if names:
            rows += [(f"{title} ({len(names)})", [])] + healthy(group, of)
    if columns[0]["wrists"]:
        rows += wrists(columns[0]["wrists"], of)
    if columns[0]["found"]:
        rows.append(("Joints found: by the detector + placed by shape, of those present, median error in widths", []))
        rows += [(f"  {key}", of(lambda m: found(m["found"][key]))) for key in columns[0]["found"]]
    for film in columns[0]["damaged"]:
        rows.append((f"Damaged joints of {film}: grade (expected) of narrowing, erosion", []))
        rows += [(f"  {joint}", of(lambda m: damaged(m["damaged"][film][joint]))) for joint in columns[0]["damaged"][film]]
        rows.append(("  sum", of(lambda m: damaged_sum(m["damaged"][film]))))
    for key, title in (("not_ours", "Not ours: no film should get a total"), ("odd", "Odd films"), ("films", "By film: narrowing + erosion")):
        if columns[0][key]:
            rows.append((title, []))
            if key != "films":
                rows.append(("  films with a total", of(lambda m: f"{sum(f['units'] is not None for f in m[key].values())} of {len(m[key])}")))
            rows += [(f"  {film}", of(lambda m: fate(m[key][film], reasons))) for film in columns[0][key]]
    return laid_out(list(measured), rows) + "".join(f"\n[{n}] {reason}" for n, reason in enumerate(reasons, 1))


def laid_out(names, rows):
    first = max(len(label) for label, cells in rows if cells)
    widths = [max([len(name)] + [len(cells[i]) for _, cells in rows if cells]) for i, name in enumerate(names)]
    line = lambda label, cells: (label.ljust(first) + "".join(f"  {c:>{w}}" for c, w in zip(cells, widths))).rstrip()
    return "\n".join([line("", names)] + [line(*row) for row in rows])


def healthy(group, of):
    lines = [("units a limb", "units", number), ("  narrowing", "narrowing", number), ("  erosion", "erosion", number),
             ("expected units, open joints too", "expected_units", number), ("joints graded 0, of graded", "graded_zero", percent),
             ("joints left open", "left_open", percent), ("joints without a box", "without_box", percent), ("films refused", "refused", str)]
    return [(f"  {label}", of(lambda m: form(m["healthy"][group][key]))) for label, key, form in lines]


def wrists(first, of):
    interval = lambda w: f"{w['auc']:.2f} ({w['ci95'][0]:.2f}-{w['ci95'][1]:.2f})"
    return [
        ("Wrists with RA: sum of expected wrist erosion, eroded above whole", []),
        (f"  pairs won of {first['pairs']}", of(lambda m: f"{m['wrists']['pairs_won']:g}")),
        ("  AUC, 95 % bootstrap interval", of(lambda m: interval(m["wrists"]))),
        ("  mean sum of eroded, of whole", of(lambda m: f"{number(m['wrists']['mean_eroded'])}, {number(m['wrists']['mean_whole'])}")),
        *((f"  {film}, {'eroded' if known['eroded'] else 'whole'}", of(lambda m: number(m["wrists"]["films"][film]["sum"])))
          for film, known in first["films"].items()),
    ]


def number(value):
    return "-" if value is None else f"{value:.1f}"


def percent(value):
    return "-" if value is None else f"{100 * value:.1f} %"


def found(table):
    error = "" if table["median_error"] is None else f", {table['median_error']:.3f}"
    return f"{table['detected']} + {table['placed']} of {table['joints']}{error}"


def damaged(tasks):
    return ", ".join(given(tasks[task]) if task in tasks else "." for task in ("narrowing", "erosion"))


def damaged_sum(joints):
    every = [one for tasks in joints.values() for one in tasks.values() if one]
    units, expected = (sum(one[key] or 0 for one in every) for key in ("grade", "expected"))
    return f"{units} ({expected:.1f})"


def given(one):
    if one is None:
        return "no box"
    expected = "" if one["expected"] is None else f" ({one['expected']:.1f})"
    return ("open" if one["grade"] is None else str(one["grade"])) + expected


def fate(film, reasons):
    """Units, joints graded, the limb; of a refused film the number of the reason below the table."""
    if film["refusal"]:
        if film["refusal"] not in reasons:
            reasons.append(film["refusal"])
        return f"refused [{reasons.index(film['refusal']) + 1}]"
    units = "no total" if film["units"] is None else f"{film['narrowing']} + {film['erosion']}"
    left_open = f", {film['open']} open" if film["open"] else ""
    return f"{units}, {film['graded']} of {film['expected_joints']}{left_open}, {film['limb']}"
