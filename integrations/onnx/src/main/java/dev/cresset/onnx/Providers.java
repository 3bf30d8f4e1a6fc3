package dev.cresset.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.engine.EngineException;
import java.util.Locale;
import java.util.Map;

/** Execution providers by their names: {@code cuda}, {@code cuda:1}, {@code coreml}. Those that are named first are asked first. */
final class Providers {

    private Providers() {}

    static void add(OrtSession.SessionOptions options, String provider) throws OrtException {
        String[] parts = provider.split(":", 2);
        int device = parts.length == 1 ? 0 : device(provider, parts[1]);
        try {
            switch (parts[0].toLowerCase(Locale.ROOT)) {
                case "cpu" -> options.addCPU(/* useArena= */ true);
                case "cuda" -> options.addCUDA(device);
                case "tensorrt" -> options.addTensorrt(device);
                case "rocm" -> options.addROCM(device);
                case "directml" -> options.addDirectML(device);
                case "dnnl" -> options.addDnnl(/* useArena= */ true);
                case "openvino" -> options.addOpenVINO(parts.length == 1 ? "CPU" : parts[1]);
                case "coreml" -> options.addCoreML(Map.of());
                case "xnnpack" -> options.addXnnpack(Map.of());
                case "qnn" -> options.addQnn(Map.of());
                case "webgpu" -> options.addWebGPU(Map.of());
                case "nnapi" -> options.addNnapi();
                case "acl" -> options.addACL(/* enableFastMath= */ false);
                default -> throw refused(provider, "there is none of this name");
            }
        } catch (OrtException e) {
            throw refused(provider, String.valueOf(e.getMessage()));
        }
    }

    private static int device(String provider, String number) {
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException e) {
            throw refused(provider, "'" + number + "' is no number of a device");
        }
    }

    private static EngineException refused(String provider, String why) {
        return new EngineException(
                EngineException.Kind.LOAD,
                "the execution provider '" + provider + "' (cresset.onnx.providers) is not to be had: " + why
                        + "; this onnxruntime has " + OrtEnvironment.getAvailableProviders()
                        + ", com.microsoft.onnxruntime:onnxruntime_gpu in its place has CUDA and TensorRT");
    }
}
