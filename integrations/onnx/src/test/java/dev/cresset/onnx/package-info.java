/** Tests of the engine, on models that PyTorch and the package onnx made. */
@NullMarked
package dev.cresset.onnx;

import org.jspecify.annotations.NullMarked;
