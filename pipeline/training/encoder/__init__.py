"""Fine-tuning a pretrained encoder to label tokens: the weights, the network, the training, the export to ONNX.

Needs torch, which only `rollcall[encoder-train]` installs; a run needs none of it (`pipeline.extraction.encoder`).
"""
