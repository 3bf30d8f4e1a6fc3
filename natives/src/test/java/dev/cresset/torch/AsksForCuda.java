package dev.cresset.torch;

import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.libraries.NativeLibraries;
import java.util.List;

/** Loads LibTorch's part for CUDA where there is no driver, after it has computed on the CPU, and asks the bridge for devices. */
final class AsksForCuda {

    private AsksForCuda() {}

    public static void main(String[] args) {
        Engine engine = new BridgeProvider().open();
        ModelSource source = new ModelSource.InFile("contract", Fixtures.path("modules/contract.pt"));
        try (EngineModel model = engine.load(source, new LoadOptions(1, true));
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            compute(model, x);
            System.out.println(
                    "as Java sees it: " + engine.unavailable(Device.cuda(0)).orElse("available"));
            NativeLibraries.loadCudaLibraries();
            Reply reply = new Reply(new WireBlock(4096));
            int cuda = DeviceCodes.cuda();
            System.out.println("devices: "
                    + reply.received(Bridge.countDevices(cuda, reply.address(), reply.capacity()))
                            .word());
            System.out.println("why not: "
                    + reply.received(Bridge.whyNot(cuda, 0, reply.address(), reply.capacity()))
                            .text());
            Request request = new Request(new WireBlock(1024));
            request.text(Fixtures.path("modules/contract.pt").toString());
            for (long word : new long[] {0, 0, 1, 1, 0, 0, 0, cuda, 0, 0}) {
                request.word(word);
            }
            try {
                reply.received(Bridge.load(request.address(), reply.address(), reply.capacity()));
            } catch (EngineException e) {
                System.out.println("load: " + e.reason());
            }
            compute(model, x);
        }
        System.out.println("done");
    }

    private static void compute(EngineModel model, Tensor x) {
        try (Value y = model.invoke("forward", List.of(x))) {
            System.out.println("the CPU answers " + y.asTensor().toFloatArray()[1]);
        }
    }
}
