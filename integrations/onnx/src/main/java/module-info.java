/** Models in the format ONNX, by ONNX Runtime. */
@SuppressWarnings("requires-automatic") // ONNX Runtime's jar has no descriptor
module dev.cresset.onnx {
    requires transitive dev.cresset.core;
    requires static transitive org.jspecify;
    requires com.microsoft.onnxruntime;

    exports dev.cresset.onnx;

    provides dev.cresset.engine.EngineProvider with
            dev.cresset.onnx.OnnxProvider;
}
