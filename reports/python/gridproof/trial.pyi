from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

from ._protocol import Unsupported as Unsupported

Function = Callable[..., Any]
Like = Literal["numpy", "torch", "jax"]
Refusals = type[BaseException] | tuple[type[BaseException], ...]

@dataclass(frozen=True)
class Finding:
    verdict: str
    clause: str
    clauses: tuple[str, ...]
    cause: str
    title: str
    sentence: str
    samples: int
    case: str
    before: tuple[str, ...]
    replay: str
    waiver: str

@dataclass(frozen=True)
class ClauseResult:
    standing: Literal["tested", "untested", "unsupported"]
    decided: int
    verdicts: dict[str, int]

@dataclass(frozen=True)
class Report:
    conforms: bool
    name: str
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    clauses: dict[str, ClauseResult]
    text: str
    json: dict[str, Any]
    @property
    def samples(self) -> int: ...
    def __bool__(self) -> bool: ...

@dataclass(frozen=True)
class Smoke:
    ready: bool
    text: str
    def __bool__(self) -> bool: ...

def check(function: Function, like: Like = ..., device: str | None = ..., *, samples: float = ..., seed: int = ...,
          profile: str = ..., strict: bool = ..., waivers: str | PathLike[str] | None = ..., threads: int = ...,
          timeout: float = ..., name: str | None = ..., dialect: str = ..., refusals: Refusals = ...,
          out: str | PathLike[str] | None = ..., progress: Callable[[int], object] | Literal[False] | None = ...,
          direction: Literal["forward", "backward", "both"] | None = ..., gradients: Function | None = ...,
          **declare: Any) -> Report: ...
def smoke(function: Function, like: Like = ..., device: str | None = ..., *, timeout: float = ..., name: str | None = ...,
          dialect: str = ..., refusals: Refusals = ..., gradients: Function | None = ..., **declare: Any) -> Smoke: ...
def replay(function: Function, *case: str, like: Like = ..., device: str | None = ..., profile: str = ...,
           strict: bool = ..., timeout: float = ..., name: str | None = ..., dialect: str = ..., refusals: Refusals = ...,
           gradients: Function | None = ..., **declare: Any) -> str: ...
def assert_conforms(function: Function, like: Like = ..., device: str | None = ..., **options: Any) -> Report: ...
