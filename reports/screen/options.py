"""Options and arguments that several commands share, or whose help is long."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from reports.screen.terminal import show_version


def named_path(text: str) -> Path:
    """Path of a file or folder that has a name.

    Parameters
    ----------
    text : str
        As typed.

    Raises
    ------
    typer.BadParameter
        If it is empty: as a path, that would be the folder in which the program is run.
    """
    if not text:
        raise typer.BadParameter("an empty name; allowed is a file or folder; name one, or leave the option out")
    return Path(text)


file_option = partial(typer.Option, metavar="FILE", parser=named_path)
folder_option = partial(typer.Option, metavar="DIR", parser=named_path)
path_argument = partial(typer.Argument, parser=named_path)

Version = Annotated[
    bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and leave.")
]
NewFolder = Annotated[Path, path_argument(metavar="DIR", help="New or empty folder.")]
BookArgument = Annotated[Path, path_argument(metavar="BOOK", help="Workbook of a run, .xlsx.")]
CaseArgument = Annotated[str, typer.Argument(help="A bundled case, or a folder made by `new`.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set an assumption; may be repeated.")
]
ScenarioFiles = Annotated[list[Path] | None, file_option(help="Scenario of your own, TOML; may be repeated.")]
CaseOption = Annotated[str, typer.Option("--case", help="A bundled case, or a folder made by `new`.")]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[+NAME...]",
        help="Scenario beside the base, or several acting together; may be repeated. Default: all of the case.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print results.json instead of the summary; files only where --out is given.")
]
Attribution = Annotated[
    str, typer.Option(metavar="METHOD", help="How the gap is shared among its causes: shapley or ordered.")
]
PlanOfPurchase = Annotated[
    str, typer.Option(metavar="PLAN", help="What counts as planned at purchase: surprise or no_progress.")
]
NewCase = Annotated[Path | None, folder_option("--new-case", help="Write the changed case; new or empty folder.")]
Recalculate = Annotated[
    bool, typer.Option("--recalculate", help="Have LibreOffice find the value of every formula as well.")
]
OtherCase = Annotated[str | None, typer.Argument(metavar="OTHER", help="Second case; without one, --set makes it.")]
RegisterFile = Annotated[
    Path | None, path_argument(metavar="REGISTER", help="Asset register, CSV or XLSX; without one, one asset.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="COLUMN=VALUE", help="The asset's column, or what empty cells of it hold."),
]
OneScenario = Annotated[str, typer.Option(metavar="NAME[+NAME...]", help="Scenario to ask about; the base if none.")]
LedgerName = Annotated[
    str | None,
    typer.Option(metavar="LEDGER", help="Books of `hidden` and `waterfall`. Default: as disclosed, or the first."),
]
Churn = Annotated[
    list[float] | None,
    typer.Option(metavar="RATE", help="New weights a year; may be repeated, the first holds for the table of costs."),
]
LifeYears = Annotated[
    list[float] | None, typer.Option(metavar="YEARS", help="Life of a device that nothing strands; likewise.")
]
SpectrumOverrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="CLASS.FIELD=VALUE", help="Set a number of the spectrum; may be repeated."),
]
Paths = Annotated[int, typer.Option(metavar="N", help="Paths in all; a power of two with Sobol points.")]
Seed = Annotated[int, typer.Option(metavar="S", help="Seed: the same one gives the same digits.")]
Sampler = Annotated[str, typer.Option(metavar="KIND", help="sobol, philox, lhs or antithetic.")]
Precision = Annotated[str, typer.Option(metavar="KIND", help="double, or single: faster, seventh digits rounded.")]
RiskScenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="NAME[+NAME...]",
        help="Scenario on the same draws, or several acting together; may be repeated. Default: the base alone.",
    ),
]
RiskLedger = Annotated[
    str | None,
    typer.Option(
        "--ledger", metavar="LEDGER", help="Books whose write-downs count. Default: as disclosed, or the first."
    ),
]
Target = Annotated[str, typer.Option(metavar="STATISTIC", help="Statistic of --target-error, a mean or a tail mean.")]
TargetError = Annotated[
    float | None,
    typer.Option(metavar="HALF-WIDTH", help="Stop when the 95 % interval of --target reaches no further either way."),
]
Parquet = Annotated[bool, typer.Option("--parquet", help="Write what every path comes to as well (paths.parquet).")]
Levers = Annotated[
    list[str], typer.Option("--lever", metavar="KEY", help="Assumption that is moved; a second one for a frontier.")
]
Until = Annotated[
    str,
    typer.Option(
        metavar="CONDITION",
        help="What is to hold, as npv_usd=0: a number of results.json, and a number, name or key.",
    ),
]
LowEnds = Annotated[
    list[float] | None, typer.Option("--low", metavar="VALUE", help="Low end, one for each lever. Default: its own.")
]
HighEnds = Annotated[
    list[float] | None, typer.Option("--high", metavar="VALUE", help="High end, one for each lever. Default: its own.")
]
TableFile = Annotated[Path | None, file_option("--out", help="The table as .csv.")]
ChartFile = Annotated[Path | None, file_option("--chart", help="Chart as .png or .svg.")]
Limit = Annotated[
    str,
    typer.Option(
        metavar="CONDITION",
        help="What must not hold, as 'npv_usd below 0': a number of results.json, and a number, name or key.",
    ),
]
Within = Annotated[float, typer.Option(metavar="UNITS", help="Standard units from the medians that are searched.")]
FigureName = Annotated[
    str, typer.Option("--of", metavar="NAME", help="Number of results.json, gap_usd.LEDGER and so on.")
]
SensitivityMethod = Annotated[
    str, typer.Option("--method", metavar="METHOD", help="tornado (P10 and P90) or sobol (shares of the variance).")
]
Points = Annotated[int, typer.Option(metavar="N", help="Points of each sample of sobol, a power of two.")]
Workers = Annotated[int, typer.Option(metavar="N", help="Processes that work paths out side by side; or threads.")]
BackendName = Annotated[str | None, typer.Option("--backend", metavar="KIND", help="serial, threads, loky or dask.")]
Cluster = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, tcp://HOST:PORT.")]
CheckpointFolder = Annotated[
    Path | None, folder_option("--checkpoint", help="Keep finished blocks; a run goes on from them.")
]
Streaming = Annotated[bool, typer.Option("--stream", help="Memory that does not grow with the paths: histograms.")]
