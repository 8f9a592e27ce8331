"""How it is reproduced: parameter contracts, papermill runs, publishing and the notebook gate."""
