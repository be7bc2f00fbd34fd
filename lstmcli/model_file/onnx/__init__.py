"""The forecaster as one ONNX graph. The only home of onnx and onnxruntime.

`scaling`, `windows`, `network` and `forecasting` are the modules of the same names once more, function
by function; `checked` holds them equal to those before a file is written.
"""
