"""What has become of every job, in one SQLite file beside the outputs.

Only the parent process writes it, in transactions: killed at any moment, it holds what was true
just before. A job is WAITING, RUNNING, AGAIN (it failed for a reason outside itself and is tried
once more at the end), DONE, FAILED, or LEFT for another run. What a finished output was made from
stays with it: the recipe, the checksum of the input, and size and time of the files, so that a
later run knows what is still as it should be.
"""

import fnmatch
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Self

from tonewright.dsp.batch.jobs import STATE_FOLDER, Job, Recipe
from tonewright.dsp.batch.made import Made, MadeFile, Stamp
from tonewright.dsp.batch.outputs import FolderOutputs, Outputs
from tonewright.dsp.batch.pace import Group, Kind, kind_of
from tonewright.dsp.batch.rows import Counts, JobRow, JobState, Waiting
from tonewright.dsp.batch.schema import SCHEMA
from tonewright.dsp.errors import BatchError

STATE_FILE = "batch.sqlite"
LOCK_FILE = "lock.sqlite"

_SAMPLED_JOBS, _SAMPLED_KINDS = 16, 8
_UNDER_WAY = (JobState.WAITING, JobState.RUNNING, JobState.AGAIN)


class State:
    """The state of a batch; a context manager.

    Args:
        out: The folder of the outputs.
        writes: Whether a run is to be recorded; a second one is refused.
        outputs: Where the outputs are, if not there.

    Raises:
        BatchError: If there is no state to read, it cannot be written, or a run is going on.
    """

    def __init__(self, out: Path, *, writes: bool = False, outputs: Outputs | None = None) -> None:
        self.out = out
        self.outputs: Outputs = outputs or FolderOutputs(out)
        self._path = out / STATE_FILE
        self._lock: sqlite3.Connection | None = None
        if writes:
            try:
                (out / STATE_FOLDER).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BatchError(
                    f"{out}: cannot be made ({error.strerror}); choose another folder"
                ) from error
            self._lock = self._locked()
        elif not self._path.is_file():
            raise BatchError(f"{out}: no batch has run here; name the folder of its outputs")
        with self._guarded():
            mode = "rwc" if writes else "rw"
            uri = f"{self._path.absolute().as_uri()}?mode={mode}"
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30.0)
            if writes:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(SCHEMA)
            self._inode = self._path.stat().st_ino
            (last,) = self._db.execute("SELECT coalesce(max(run), 0) FROM attempts").fetchone()
        self._run = last + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    def require_present(self) -> None:
        """Refuse to go on when the folder of the outputs has vanished.

        Raises:
            BatchError: If it has; nothing may be made in its place, on another disk.
        """
        try:
            present = self._path.stat().st_ino == self._inode
        except OSError:
            present = False
        if not present:
            raise BatchError(
                f"{self.out}: the folder of the outputs has vanished; connect its disk again and "
                "run the batch again: what is finished stays finished"
            )

    # --- planning ---------------------------------------------------------------------------

    def plan(
        self,
        jobs: Iterable[Job],
        *,
        only: str | None = None,
        force: bool = False,
        retry_failed: bool = False,
        overwrite: bool = False,
    ) -> dict[str, Recipe]:
        """Take over a plan: decide of each job whether there is something to do.

        Args:
            jobs: All jobs of the manifest.
            only: A pattern; jobs whose output and input do not match are left for another run.
            force: Render again what is done.
            retry_failed: Try again what failed because of the input itself.
            overwrite: Replace files that no batch made.

        Returns:
            The recipes of the plan by key.

        Raises:
            BatchError: As the jobs raise, or if the state cannot be written.
        """
        recipes: dict[str, Recipe] = {}
        with self._guarded(), self._transaction():
            self._db.execute("CREATE TEMP TABLE wanted (output TEXT PRIMARY KEY)")
            for number, job in enumerate(jobs):
                recipes[job.recipe.key] = job.recipe
                chosen = only is None or any(
                    fnmatch.fnmatch(each, only) for each in (job.output, str(job.source))
                )
                state, reason = self._decided(
                    job, chosen=chosen, force=force, retry_failed=retry_failed, overwrite=overwrite
                )
                self._db.execute("INSERT INTO wanted VALUES (?)", (job.output,))
                self._enter(number, job, state, reason)
            self._db.execute("DELETE FROM jobs WHERE output NOT IN (SELECT output FROM wanted)")
            self._db.execute("DELETE FROM files WHERE output NOT IN (SELECT output FROM wanted)")
            self._db.execute("DROP TABLE wanted")
            self._db.executemany(
                "INSERT OR REPLACE INTO recipes VALUES (?, ?)",
                [(key, each.document) for key, each in recipes.items()],
            )
        return recipes

    def extend(self, jobs: Iterable[Job]) -> list[tuple[Waiting, Recipe]]:
        """Take over a plan in the middle of a run; what is under way or done in it stays.

        Args:
            jobs: All jobs that there are now.

        Returns:
            Those that wait from now on.

        Raises:
            BatchError: As the jobs raise, or if the state cannot be written.
        """
        fresh = []
        with self._guarded(), self._transaction():
            for number, job in enumerate(jobs):
                row = self._db.execute(
                    "SELECT state FROM jobs WHERE output = ?", (job.output,)
                ).fetchone()
                if row is not None and JobState(row[0]) in _UNDER_WAY:
                    continue
                state, reason = self._decided(
                    job, chosen=True, force=False, retry_failed=False, overwrite=False
                )
                if row is not None and state is JobState(row[0]):
                    continue
                self._enter(number, job, state, reason)
                self._db.execute(
                    "INSERT OR REPLACE INTO recipes VALUES (?, ?)",
                    (job.recipe.key, job.recipe.document),
                )
                if state is JobState.WAITING:
                    weight = Stamp.of(job.source).size_bytes
                    waiting = Waiting(job.output, job.source, job.recipe.key, weight, None, 0)
                    fresh.append((waiting, job.recipe))
        return fresh

    def _decided(
        self, job: Job, *, chosen: bool, force: bool, retry_failed: bool, overwrite: bool
    ) -> tuple[JobState, str]:
        row = self._db.execute(
            "SELECT state, reason, lasting, recipe, source, size_bytes, mtime_ns, made_sha256"
            " FROM jobs WHERE output = ?",
            (job.output,),
        ).fetchone()
        if row is None or row[7] is None:
            if not overwrite and self.outputs.exists(job.output):
                said = "is there, and this batch did not make it; move it away, or --overwrite"
                return JobState.FAILED, f"{self.outputs.place(job.output)}: {said}"
            if row is None:
                return (JobState.WAITING if chosen else JobState.LEFT), ""
        state, reason, lasting = JobState(row[0]), row[1], bool(row[2])
        stamp = Stamp.of(job.source)
        same = row[3:7] == (job.recipe.key, str(job.source), stamp.size_bytes, stamp.mtime_ns)
        if not chosen:
            # What is not run now keeps what is known of it.
            keeps = same and state in (JobState.DONE, JobState.FAILED)
            return (state, reason) if keeps else (JobState.LEFT, "")
        if state is JobState.DONE and same and not force and self._intact(job.output):
            return state, ""
        if state is JobState.FAILED and lasting and same and not (force or retry_failed):
            return state, reason
        if force:
            self._db.execute("UPDATE jobs SET made_recipe = '' WHERE output = ?", (job.output,))
        return JobState.WAITING, ""

    def _enter(self, number: int, job: Job, state: JobState, reason: str) -> None:
        stamp = Stamp.of(job.source)
        self._db.execute(
            "INSERT INTO jobs (output, number, source, kind, recipe, priority, state, reason,"
            " size_bytes, mtime_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (output) DO UPDATE SET number = excluded.number,"
            " source = excluded.source, kind = excluded.kind, recipe = excluded.recipe,"
            " priority = excluded.priority, state = excluded.state, reason = excluded.reason,"
            " size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, tries = 0,"
            " worked = 0",
            (
                *(job.output, number, str(job.source), job.recipe.kind, job.recipe.key),
                *(job.priority, state, reason, stamp.size_bytes, stamp.mtime_ns),
            ),
        )

    def _intact(self, output: str) -> bool:
        """Return whether the files of an output are as they were when it was finished."""
        rows = self._db.execute(
            "SELECT path, mtime_ns, json_extract(document, '$.size_bytes') FROM files"
            " WHERE output = ?",
            (output,),
        ).fetchall()
        return bool(rows) and all(
            self.outputs.stamp(path) == Stamp(size_bytes, mtime_ns)
            for path, mtime_ns, size_bytes in rows
        )

    # --- running ----------------------------------------------------------------------------

    def take(self, state: JobState, output: str | None = None) -> Waiting | None:
        """Return the next job in a state, or that of an output, now RUNNING; None if none is."""
        with self._guarded(), self._transaction():
            row = self._db.execute(
                "SELECT output, source, recipe, size_bytes, made_sha256, made_recipe, tries"
                " FROM jobs WHERE state = ? AND coalesce(output = ?, TRUE)"
                " ORDER BY priority DESC, number LIMIT 1",
                (state, output),
            ).fetchone()
            if row is None:
                return None
            output, source, recipe, weight, made_sha256, made_recipe, tries = row
            self._db.execute(
                "UPDATE jobs SET state = ?, tries = tries + 1, worked = 1 WHERE output = ?",
                (JobState.RUNNING, output),
            )
            self._db.execute(
                "INSERT INTO attempts (output, run, started) VALUES (?, ?, datetime('now'))",
                (output, self._run),
            )
            known = made_sha256 if made_recipe == recipe and self._intact(output) else None
            return Waiting(output, Path(source), recipe, weight, known, tries + 1)

    def done(self, output: str, recipe: str, made: Made, seconds: float | None) -> None:
        """Record that the files of an output are in their places."""
        with self._guarded(), self._transaction():
            self._db.execute(
                "UPDATE jobs SET state = ?, reason = '', made_recipe = ?, made_sha256 = ?,"
                " size_bytes = ?, mtime_ns = ?, seconds = ?, notes = ? WHERE output = ?",
                (
                    *(JobState.DONE, recipe, made.source_sha256, made.source.size_bytes),
                    *(made.source.mtime_ns, seconds, json.dumps(made.notes), output),
                ),
            )
            self._db.execute("DELETE FROM files WHERE output = ?", (output,))
            self._db.executemany(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?)",
                [self._file_row(output, each) for each in made.files],
            )
            self._ended(output, seconds, "done", "")

    def unchanged(self, output: str, stamp: Stamp) -> None:
        """Record that the input was touched but holds what it held: its output stands."""
        with self._guarded(), self._transaction():
            self._db.execute(
                "UPDATE jobs SET state = ?, size_bytes = ?, mtime_ns = ?, worked = 0"
                " WHERE output = ?",
                (JobState.DONE, stamp.size_bytes, stamp.mtime_ns, output),
            )
            self._ended(output, None, "unchanged", "")

    def failed(
        self, output: str, reason: str, *, state: JobState, lasting: bool, seconds: float | None
    ) -> None:
        """Record that an attempt failed, for good or to be tried AGAIN.

        Args:
            output: Of the job.
            reason: One line for people.
            state: FAILED or AGAIN.
            lasting: Whether it would fail again, as long as input and recipe are the same.
            seconds: How long it took.
        """
        with self._guarded(), self._transaction():
            self._db.execute(
                "UPDATE jobs SET state = ?, reason = ?, lasting = ? WHERE output = ?",
                (state, reason, lasting, output),
            )
            self._ended(output, seconds, "failed", reason)

    def wants(self, output: str, recipe: str) -> bool:
        """Return whether a job of the plan would make an output with a recipe."""
        with self._guarded():
            row = self._db.execute(
                "SELECT 1 FROM jobs WHERE output = ? AND recipe = ?", (output, recipe)
            ).fetchone()
        return row is not None

    def _ended(self, output: str, seconds: float | None, outcome: str, reason: str) -> None:
        self._db.execute(
            "UPDATE attempts SET seconds = ?, outcome = ?, reason = ? WHERE rowid ="
            " (SELECT max(rowid) FROM attempts WHERE output = ?)",
            (seconds, outcome, reason, output),
        )

    def _file_row(self, output: str, each: MadeFile) -> tuple[Any, ...]:
        mtime_ns = self.outputs.stamp(each.path).mtime_ns
        return (output, each.path, mtime_ns, each.document, each.picture)

    # --- reading ----------------------------------------------------------------------------

    def counts(self) -> Counts:
        """Return how many jobs are where."""
        with self._guarded():
            rows = self._db.execute(
                "SELECT state, worked, count(*) FROM jobs GROUP BY state, worked"
            ).fetchall()
        found = {(state, bool(worked)): count for state, worked, count in rows}
        done, skipped = found.pop(("done", True), 0), found.pop(("done", False), 0)
        failed = found.pop(("failed", True), 0) + found.pop(("failed", False), 0)
        return Counts(done, failed, skipped, sum(found.values()))

    def waiting(self) -> dict[Kind, Group]:
        """Return the jobs that wait, by kind."""
        groups: dict[Kind, Group] = {}
        with self._guarded():
            for recipe, source, size_bytes in self._db.execute(
                "SELECT recipe, source, max(size_bytes, 0) FROM jobs WHERE state = ?",
                (JobState.WAITING,),
            ):
                group = groups.setdefault(kind_of(recipe, PurePath(source)), Group())
                group.jobs += 1
                group.size_bytes += size_bytes
        return groups

    def samples(self) -> list[str]:
        """Return the outputs of a few jobs that wait, from which the others can be judged.

        Two of each kind among those of the highest priority, a smaller and a larger one; none
        where there are few jobs, or too many kinds.
        """
        kinds: dict[Kind, list[tuple[int, str]]] = {}
        with self._guarded():
            for recipe, source, size_bytes, output in self._db.execute(
                "SELECT recipe, source, size_bytes, output FROM jobs WHERE state = ?1 AND"
                " priority = (SELECT max(priority) FROM jobs WHERE state = ?1)",
                (JobState.WAITING,),
            ):
                kind = kind_of(recipe, PurePath(source))
                kinds.setdefault(kind, []).append((size_bytes, output))
        chosen = []
        for jobs in kinds.values():
            jobs.sort()
            chosen += [jobs[len(jobs) // 4][1], jobs[3 * len(jobs) // 4][1]]
        few = sum(map(len, kinds.values())) < _SAMPLED_JOBS
        return [] if few or len(kinds) > _SAMPLED_KINDS else list(dict.fromkeys(chosen))

    def rows(self) -> Iterator[JobRow]:
        """Yield every job, failed ones first, else in the order of the manifest."""
        with self._guarded():
            for row in self._db.execute(
                "SELECT output, source, kind, state, reason, worked, seconds, tries, notes,"
                " document FROM jobs JOIN recipes ON recipe = key"
                " ORDER BY state != 'failed', number"
            ):
                output, source, kind, state, reason, worked, seconds, tries, notes, recipe = row
                yield JobRow(
                    *(output, source, kind, JobState(state), reason, bool(worked), seconds, tries),
                    tuple(json.loads(notes)),
                    json.loads(recipe),
                    tuple(
                        json.loads(document)
                        for (document,) in self._db.execute(
                            "SELECT document FROM files WHERE output = ? ORDER BY path", (output,)
                        )
                    ),
                )

    def picture(self, output: str, path: str) -> bytes | None:
        """Return the spectrogram of a file as PNG."""
        with self._guarded():
            row = self._db.execute(
                "SELECT picture FROM files WHERE output = ? AND path = ?", (output, path)
            ).fetchone()
        return row[0] if row else None

    # --- the file itself --------------------------------------------------------------------

    def _locked(self) -> sqlite3.Connection:
        """Return a connection that keeps other runs out; it ends with the process, however."""
        lock = sqlite3.connect(
            self.out / STATE_FOLDER / LOCK_FILE, isolation_level=None, timeout=0.0
        )
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            raise BatchError(
                f"{self.out}: a batch is running here ({error}); wait for it, or stop it"
            ) from error
        return lock

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise BatchError(
                f"{self._path}: cannot be used ({error}); make room, check the disk, and run the "
                "batch again: what is finished stays finished"
            ) from error
