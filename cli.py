"""Commands of obsolesce. Results go to standard output, messages to standard error.

Exit codes: 0 success, 1 a model or input error told in one line, 2 wrong usage.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from reports.record.program import DISTRIBUTION
from reports.screen import options
from reports.screen.terminal import NO_WORKBOOK, Commands, say, say_written, told, words

app = typer.Typer(
    name=DISTRIBUTION,
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="Depreciation, economic value and obsolescence of AI and data-centre hardware.",
)


@app.callback()
def main(version: options.Version = False) -> None:
    """Depreciation, economic value and obsolescence of AI and data-centre hardware."""


@app.command()
def cases() -> None:
    """List the bundled cases."""
    from assumptions import bundled_cases, load_case
    from reports.screen.console import print_cases

    print_cases([(name, load_case(name).title) for name in bundled_cases()], sys.stdout)


@app.command()
def new(
    folder: options.NewFolder,
    template: Annotated[str, typer.Option("--from", metavar="CASE", help="Bundled case to start from.")] = "neocloud",
) -> None:
    """Write an editable copy of a bundled case: TOML, CSV, and every assumption as a comment."""
    from assumptions import new_case

    for path in new_case(folder, template):
        typer.echo(path)


@app.command()
def check(case: options.CaseArgument) -> None:
    """Validate a case, evaluate all its scenarios and test the identities."""
    from assumptions import load_case, run_case
    from reports.record.compose import compose
    from reports.screen.console import print_checks

    report = compose(run_case(load_case(case)))
    print_checks(report.title, report.checks, sys.stdout)
    failed = [found.name for found in report.checks if not found.passed]
    if failed:
        raise told(f"{report.case}: {len(failed)} identities fail, first: {failed[0]}")


@app.command()
def scenarios(
    case: options.CaseArgument = "neocloud",
    scenario_file: options.ScenarioFiles = None,
) -> None:
    """List the scenarios of a case: what each says, what it changes, and what would contradict it."""
    from assumptions import load_case, with_files
    from reports.answers.catalogue import print_scenarios

    print_scenarios(with_files(load_case(case), scenario_file or []), sys.stdout)


@app.command()
def explain(
    key: Annotated[str, typer.Argument(help="Dotted key, for instance market.generic_step_log.")],
    case: options.CaseOption = "neocloud",
) -> None:
    """Show one assumption with its unit, range and source."""
    from assumptions import explain as explain_key
    from assumptions import load_case
    from reports.screen.console import print_assumption

    for row in explain_key(load_case(case), key):
        print_assumption(row, sys.stdout)


@app.command()
def run(
    case: options.CaseArgument,
    scenario: options.Scenarios = None,
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    out: Annotated[Path | None, options.folder_option(help="Folder of the results. Default: out/CASE.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    horizon: Annotated[int | None, typer.Option(metavar="MONTHS", help="Months valued after the as-of month.")] = None,
    attribution: options.Attribution = "shapley",
    plan: options.PlanOfPurchase = "surprise",
) -> None:
    """Value a case under its scenarios and write workbook, tables, results.json and run.json."""
    from assumptions import attribution_choice, load_case, with_files
    from reports.files import payload
    from reports.runs.evaluation import Request, evaluate_and_write
    from reports.screen.console import print_summary

    loaded = with_files(load_case(case), scenario_file or [])
    shared = attribution_choice(attribution, plan)
    folder = None if json and out is None else out or Path("out", loaded.name)
    request = Request(scenario, override or [], horizon, *shared)
    shown = not (json or quiet)
    report, written = evaluate_and_write(loaded, request, folder, words(), shown=shown, wanted=not quiet)
    if json:
        sys.stdout.write(payload.text(payload.document(report)))
    elif not quiet:
        print_summary(report, sys.stdout)
    say_written(written, quiet=quiet)
    if written and not report.has_workbook:
        say(NO_WORKBOOK, quiet=quiet)


@app.command()
def simulate(
    case: options.CaseArgument,
    paths: options.Paths = 4096,
    seed: options.Seed = 1,
    sampler: options.Sampler = "sobol",
    scenario: options.RiskScenarios = None,
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    ledger: options.RiskLedger = None,
    target: options.Target = "npv_usd",
    target_error: options.TargetError = None,
    out: Annotated[Path | None, options.folder_option(help="Folder of results. Default: out/CASE-risk.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    parquet: options.Parquet = False,
    workers: options.Workers = 1,
    backend: options.BackendName = None,
    cluster: options.Cluster = None,
    checkpoint: options.CheckpointFolder = None,
    stream: options.Streaming = False,
    precision: options.Precision = "double",
) -> None:
    """Run a case on random paths: what it comes to, how far off that may be, and how likely write-downs are."""
    from assumptions import Sampling, execution_of, load_case, with_files
    from reports.charts.drawing import has_charts
    from reports.files import payload
    from reports.runs.risk import Changes, document, simulate_and_write
    from reports.screen.risk import print_risk

    loaded = with_files(load_case(case), scenario_file or [])
    folder = None if json and out is None else out or Path("out", f"{loaded.name}-risk")
    sampling = Sampling(paths, seed, sampler, ledger, target, target_error, parquet, stream, precision)
    changes, execution = Changes(scenario or [], override or []), execution_of(workers, backend, cluster, checkpoint)
    found, written = simulate_and_write(loaded, sampling, changes, folder, words(), execution=execution, quiet=quiet)
    if json:
        sys.stdout.write(payload.text(document(found)))
    elif not quiet:
        print_risk(found, sys.stdout)
    say_written(written, quiet=quiet)
    if written and not has_charts():
        say("no fan charts: they need the optional package matplotlib (obsolesce[charts])", quiet=quiet)


@app.command()
def read(
    book: options.BookArgument,
    folder: options.NewCase = None,
    again: Annotated[bool, typer.Option("--run", help="Run the changed case and write the run.")] = False,
    out: Annotated[Path | None, options.folder_option(help="Folder of that run. Default: out/CASE.")] = None,
    quiet: options.Quiet = False,
) -> None:
    """Read a workbook back: which inputs were changed in it, the changed case, and its run."""
    from reports.runs import readback

    if out is not None and not again:
        raise typer.BadParameter("it names the folder of a run: give --run as well", param_hint="--out")
    for written in readback.answer(book, readback.Wanted(folder, out, again, quiet), words(), sys.stdout):
        say_written(written, quiet=quiet)


@app.command()
def verify(
    book: options.BookArgument,
    recalculate: options.Recalculate = False,
    quiet: options.Quiet = False,
) -> None:
    """Prove that the figures of a workbook are those of the inputs in it: run them again and compare every cell."""
    from reports.runs import readback

    found = readback.verify(book, recalculate=recalculate, wanted=not quiet)
    if not quiet:
        readback.print_verdict(book, found, sys.stdout)
    readback.check_verdict(book, found, recalculate=recalculate)


@app.command()
def diff(
    case: options.CaseArgument,
    other: options.OtherCase = None,
    override: options.Overrides = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Compare under a scenario of both.")] = None,
    out: Annotated[Path | None, options.file_option(help="The table as .csv.")] = None,
    quiet: options.Quiet = False,
) -> None:
    """Say what lies between two cases: value, gap and NPV, shared among the assumptions that differ."""
    from assumptions import case_difference, load_case
    from reports.answers.differences import check_difference_path, print_difference, write_difference
    from reports.screen.progress import steps

    if out is not None:
        check_difference_path(out)
    with steps(1, wanted=not quiet) as progress:
        progress.begin("valuing every mixture of the two cases")
        found = case_difference(load_case(case), load_case(other) if other else None, override or [], scenario)
    if not quiet:
        print_difference(found, sys.stdout)
    if out is not None:
        write_difference(found, out)
        say(f"wrote {out}", quiet=quiet)


@app.command()
def depreciate(
    register: options.RegisterFile = None,
    override: options.Columns = None,
    events: Annotated[Path | None, options.file_option(help="Dated events of the assets.")] = None,
    use: Annotated[Path | None, options.file_option(help="Units of use by month.")] = None,
    tables: Annotated[Path | None, options.file_option(help="Tables of percentages.")] = None,
    by: Annotated[str, typer.Option(metavar="SPAN", help="month, quarter or year.")] = "year",
    year_end: Annotated[int, typer.Option(metavar="MONTH", min=1, max=12, help="Month that closes the year.")] = 12,
    until: Annotated[str, typer.Option(metavar="MONTH", help="Last month of the schedule, YYYY-MM.")] = "",
    as_of: Annotated[str, typer.Option(metavar="DATE", help="Also the carrying amount on a day, YYYY-MM-DD.")] = "",
    out: Annotated[Path | None, options.file_option(help="Totals as .csv, .xlsx or .parquet.")] = None,
    detail: Annotated[Path | None, options.file_option(help="Single assets, likewise.")] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and list them.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Depreciate one asset or a register of them, by month, quarter or year."""
    from assumptions import Question, RegisterFiles, read_register
    from reports.answers.schedules import check_files, print_schedule, print_skipped, run_and_write

    files = RegisterFiles(register, events, use, tables)
    check_files(out, detail, (register, events, use, tables))
    question = Question(by, year_end, until, as_of, skip_bad=skip_bad)
    found = read_register(files, override or [], skip_bad=skip_bad)
    run = run_and_write(found, question, out, detail, wanted=not quiet)
    print_skipped(run.register.skipped, sys.stderr)
    if not quiet:
        print_schedule(run, sys.stdout)
    say_written([path for path in (out, detail) if path is not None], quiet=quiet)


@app.command()
def lives(
    case: options.CaseArgument,
    scenario: options.OneScenario = "base",
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
) -> None:
    """Second opinions on every part: lives, triggers and values of other schools, from the figures of the engine."""
    from assumptions import load_case, run_case, with_files
    from reports.record.compose import compose
    from reports.screen.opinions import print_opinions

    loaded = with_files(load_case(case), scenario_file or [])
    print_opinions(compose(run_case(loaded, [scenario], override or [])), sys.stdout)


@app.command()
def chart(
    case: options.CaseArgument,
    kind: Annotated[str, typer.Option(metavar="KIND", help="rents, value, hidden or waterfall.")],
    out: Annotated[Path, options.file_option(help="Chart as .png or .svg.")],
    scenario: options.Scenarios = None,
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    ledger: options.LedgerName = None,
    quiet: options.Quiet = False,
) -> None:
    """Draw a run: market rents, values beside the books, hidden depreciation, or the way from books to value."""
    from assumptions import load_case, run_case, with_files
    from reports.charts.run import ChartRequest, check_request, draw_run
    from reports.record.compose import compose

    wanted = ChartRequest(kind, out, tuple(scenario or ()), ledger)
    check_request(wanted)
    loaded = with_files(load_case(case), scenario_file or [])
    draw_run(compose(run_case(loaded, scenario or [], override or [])), wanted)
    say(f"wrote {out}", quiet=quiet)


@app.command()
def spectrum(
    churn: options.Churn = None,
    horizon: options.LifeYears = None,
    electricity: Annotated[float | None, typer.Option(metavar="USD", help="Price of a kWh.")] = None,
    required: Annotated[float | None, typer.Option("--return", metavar="RATE", help="Required return a year.")] = None,
    override: options.SpectrumOverrides = None,
    out: Annotated[Path | None, options.file_option(help="Every point of the grid as .csv or .xlsx.")] = None,
    chart: Annotated[Path | None, options.file_option(help="Chart as .png or .svg.")] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Print every number with its source, and leave.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Cost of a token from CPU to etched weights: which class wins at which churn, and when etched weights pay."""
    from assumptions import load_spectrum, spectrum_grid, spectrum_rows
    from reports.answers.spectrum import print_sources
    from reports.answers.spectrum_files import check_files, print_answer, write_files

    check_files(out, chart)
    found = load_spectrum(override or [], {"--electricity": electricity, "--return": required})
    if sources:
        print_sources(spectrum_rows(found), sys.stdout)
        return
    grid = spectrum_grid(found, churn or [], horizon or [])
    written = write_files(grid, out, chart)
    if not quiet:
        print_answer(grid, sys.stdout)
    say_written(written, quiet=quiet)


@app.command()
def breakeven(
    case: options.CaseArgument,
    lever: options.Levers,
    until: options.Until,
    scenario: options.OneScenario = "base",
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    low: options.LowEnds = None,
    high: options.HighEnds = None,
    out: options.TableFile = None,
    chart: options.ChartFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the value of an assumption at which a figure reaches a target, or the frontier of two assumptions."""
    from assumptions import load_case, spans_of, with_files
    from reports.answers.breakeven import answer
    from reports.answers.levers import Asked

    loaded, spans = with_files(load_case(case), scenario_file or []), spans_of(lever, low or [], high or [])
    answer(Asked(loaded, scenario, override or [], out, chart, quiet), spans, until, sys.stdout)


@app.command("reverse-stress")
def reverse_stress(
    case: options.CaseArgument,
    limit: options.Limit,
    scenario: options.OneScenario = "base",
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    within: options.Within = 5.0,
    out: options.TableFile = None,
    chart: options.ChartFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the most likely combination of shocks to random assumptions that breaks a limit."""
    from assumptions import load_case, with_files
    from reports.answers.levers import Asked
    from reports.answers.reversestress import answer

    loaded = with_files(load_case(case), scenario_file or [])
    answer(Asked(loaded, scenario, override or [], out, chart, quiet), limit, within, sys.stdout)


@app.command()
def sensitivity(
    case: options.CaseArgument,
    of: options.FigureName = "npv_usd",
    method: options.SensitivityMethod = "tornado",
    scenario: options.OneScenario = "base",
    scenario_file: options.ScenarioFiles = None,
    override: options.Overrides = None,
    points: options.Points = 128,
    seed: options.Seed = 1,
    out: options.TableFile = None,
    chart: options.ChartFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Say what a figure hangs on: random assumptions one at a time, or shares of its variance."""
    from assumptions import load_case, with_files
    from reports.answers.levers import Asked
    from reports.answers.sensitivity import Drawn, answer

    loaded = with_files(load_case(case), scenario_file or [])
    asked = Asked(loaded, scenario, override or [], out, chart, quiet)
    answer(asked, of, method, Drawn(points, seed), sys.stdout)


if __name__ == "__main__":
    app()
