"""Where the weights of the built-in network lie. Loads nothing: the command line reads it at its start."""

from pathlib import Path

from lstmcli.errors import UsageError

BUILTIN_FILE = Path(__file__).with_name("builtin.safetensors")
BUILTIN_NAME = "builtin"  # what is typed for it where a model file is named
IN_MEMORY = "this model"  # what a model without a file is called


def is_builtin(model: Path) -> bool:
    """Whether a model is the built-in network, not a file of the user."""
    return model == BUILTIN_FILE


def named_model(text: str) -> Path:
    """The model file that was typed; `builtin` is the built-in network, `./builtin` a file of that name."""
    return BUILTIN_FILE if text == BUILTIN_NAME else Path(text)


def model_to_write(text: str) -> Path:
    """As `named_model`, of a file that is to be written. Raises UsageError for the built-in network."""
    if text == BUILTIN_NAME:
        raise UsageError(
            f"-m {BUILTIN_NAME} is the built-in network, which is never written; for a file of this name: "
            f"-m ./{BUILTIN_NAME}"
        )
    return Path(text)


def name_of_model(model: Path) -> str:
    """As it is typed and shown."""
    if is_builtin(model):
        return BUILTIN_NAME
    return f"./{model}" if str(model) == BUILTIN_NAME else str(model)
