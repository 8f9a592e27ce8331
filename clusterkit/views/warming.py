"""Drawing in processes forked from one another: what is done once for all, and what in each."""

from io import BytesIO


def draw_once() -> None:
    """Load what the first picture of a process loads; leave no setting and no figure behind."""
    import seaborn  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Not through pyplot, which would settle a backend for all.
    figure = Figure()
    figure.subplots().plot([0, 1])
    FigureCanvasAgg(figure).print_png(BytesIO())


def set_backend(name: str) -> None:
    """Choose a backend as importing matplotlib does when ``MPLBACKEND`` names it."""
    import matplotlib as mpl

    mpl.rcParams["backend"] = name
