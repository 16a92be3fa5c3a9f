"""What is raced, on which pictures, and what is hoped for."""

from dataclasses import dataclass, field

WORKS = {
    "greyscale": "colour JPEG to grey JPEG of quality 95",
    "resize": "grey JPEG to 800x600, 10 bits in a 16-bit PNG",
    "depth": "800x600 16-bit PNG to 8-bit PNG",
    "rotate": "800x600 8-bit PNG to JPEG of quality 95, turned clockwise",
    "convert": "grey JPEG to 8-bit PNG",
    "five": "all five in one process: colour JPEG to turned 600x800 PNG, as each likes best",
    "in turn": "all five in one process, each given the bytes that the one before it wrote",
}


@dataclass(frozen=True)
class Goal:
    """So many times the speed of the fastest peer, or of one idiom of one peer."""

    times: float
    against: tuple[str, str] | None = None


@dataclass(frozen=True)
class Course:
    """One work on one picture."""

    work: str
    # "2 MP" or "12 MP"; none where the work has one size.
    size: str | None
    # "photograph" is made of a real one, "generated" of noise and shapes.
    kind: str
    # So many times in a row for each time that is taken, so that short work is timed well.
    repeats: int
    goals: tuple[Goal, ...] = field(default=())

    @property
    def name(self):
        words = (self.work, self.size, self.kind)
        return ", ".join(word for word in words if word)

    @property
    def picture(self):
        """The input's name among the pictures."""
        size = "" if self.size is None else self.size.replace(" ", "").lower() + "-"
        stage = {
            "greyscale": "colour.jpg",
            "five": "colour.jpg",
            "in turn": "colour.jpg",
            "resize": "grey.jpg",
            "convert": "turned.jpg" if self.size is None else "grey.jpg",
            "depth": "small-16.png",
            "rotate": "small-8.png",
        }
        return f"{self.kind}-{size}{stage[self.work]}"


def _courses():
    twelve = {
        "greyscale": (Goal(1.8), Goal(2.2)),
        "resize": (Goal(1.3),),
        "convert": (Goal(3.0),),
        "five": (Goal(1.3), Goal(4.5, ("pillow", "plain")), Goal(1.5)),
    }
    small = {
        "depth": (Goal(3.0),),
        "rotate": (Goal(0.9), Goal(1.1)),
        "convert": (Goal(3.0),),
    }
    for kind in ("photograph", "generated"):
        for work in ("greyscale", "resize"):
            for size, repeats in (("2 MP", 3), ("12 MP", 1)):
                goals = twelve[work] if size == "12 MP" else ()
                yield Course(work, size, kind, repeats, goals)
        for work in ("depth", "rotate", "convert"):
            yield Course(work, None, kind, 10, small[work])
        yield Course("convert", "12 MP", kind, 1, twelve["convert"])
        for work in ("five", "in turn"):
            for size, repeats in (("2 MP", 3), ("12 MP", 1)):
                goals = twelve.get(work, ()) if size == "12 MP" else ()
                yield Course(work, size, kind, repeats, goals)


COURSES = tuple(_courses())
