package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that has too little memory, or fails for good. */
@Tag("device")
class DeviceFailuresTest {

    private static final Engine ENGINE = TestDevice.engine();
    private static final long ROOMY = 2L << 30;

    @BeforeEach
    void onlyOfTheStandIn() {
        Assumptions.assumeFalse(TestDevice.isGpu(), "a GPU cannot be told to fail");
    }

    @AfterEach
    void works() {
        TestDevice.limit(0, ROOMY);
        TestDevice.failAfter(0, -1);
    }

    private static EngineModel contract(Device device) {
        return new OnDevice(ENGINE, device)
                .load(
                        new ModelSource.InFile("contract", TorchContractTest.fixture("modules/contract.pt")),
                        new LoadOptions(1, true));
    }

    private static void assertFails(ThrowingCallable call, EngineException.Kind kind, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            for (String expected : words) {
                assertThat(e.reason()).contains(expected);
            }
        });
    }

    @Test
    void run_withoutMemory_saysHowMuchWasAskedFor_andTheNextGoesThrough() {
        try (EngineModel model = contract(Device.cuda(0));
                Tensor large = Tensor.allocate(DataType.FLOAT32, 1 << 20);
                Tensor out = Tensor.allocate(DataType.FLOAT32, 1 << 20);
                EngineSession session = model.prepare("forward", List.of(large), List.of(out))) {
            session.run();
            // Room for the model and the arguments, not for the result.
            TestDevice.limit(0, TestDevice.bytesInUse(0) + (1 << 20));
            for (int i = 0; i < 3; i++) {
                assertFails(
                        session::run,
                        EngineException.Kind.OUT_OF_DEVICE_MEMORY,
                        "has too little memory left: 4194304 bytes were asked for, 1 MiB of",
                        "are free, this process uses");
            }
            assertThat(TestDevice.pending()).isZero();
            TestDevice.limit(0, ROOMY);
            session.run();
            assertThat(out.toFloatArray()[99]).isEqualTo(1);
        }
    }

    @Test
    void invoke_withoutMemory_isOutOfDeviceMemory() {
        try (EngineModel model = contract(Device.cuda(0));
                Tensor large = Tensor.allocate(DataType.FLOAT32, 1 << 20)) {
            TestDevice.limit(0, TestDevice.bytesInUse(0) + (1 << 20));
            assertFails(() -> model.invoke("forward", List.of(large)), EngineException.Kind.OUT_OF_DEVICE_MEMORY);
            assertFails(
                    () -> model.prepare("forward", List.of(large), List.of()),
                    EngineException.Kind.OUT_OF_DEVICE_MEMORY);
        }
    }

    @Test
    void load_withoutMemory_isOutOfDeviceMemory_andLeavesNothing() {
        long before = TestDevice.bytesInUse(0);
        TestDevice.limit(0, before);
        assertFails(() -> contract(Device.cuda(0)), EngineException.Kind.OUT_OF_DEVICE_MEMORY);
        assertThat(TestDevice.bytesInUse(0)).isEqualTo(before);
    }

    @Test
    void failure_isForGood_andOtherDevicesGoOn() {
        try (EngineModel failing = contract(Device.cuda(0));
                EngineModel other = contract(Device.cuda(1));
                EngineModel onCpu = contract(Device.cpu());
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = failing.prepare("forward", List.of(x), List.of(y))) {
            session.run();
            TestDevice.failAfter(0, 0);
            for (int i = 0; i < 2; i++) {
                assertFails(
                        session::run,
                        EngineException.Kind.DEVICE_FAILED,
                        "has failed, and nothing on it can be computed any more in this process",
                        "an illegal memory access");
                assertFails(() -> failing.invoke("forward", List.of(x)), EngineException.Kind.DEVICE_FAILED);
            }
            assertFails(() -> contract(Device.cuda(0)), EngineException.Kind.DEVICE_FAILED);
            assertThat(ENGINE.devices()).extracting(DeviceReport::device).containsExactly(Device.cpu(), Device.cuda(1));
            for (EngineModel works : List.of(other, onCpu)) {
                try (Value answer = works.invoke("forward", List.of(x))) {
                    assertThat(answer.asTensor().toFloatArray()).containsExactly(3, 5);
                }
            }
        }
        TestDevice.failAfter(0, -1);
        assertThat(TestDevice.bytesInUse(1)).isZero();
    }

    @Test
    void await_ofADeviceThatFailedMeanwhile_saysSo() {
        try (EngineModel model = contract(Device.cuda(0));
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y));
                EngineSession other = model.prepare("forward", List.of(x), List.of(y))) {
            for (int i = 0; i < 5; i++) {
                session.run();
            }
            session.start();
            TestDevice.failAfter(0, 0);
            assertFails(other::start, EngineException.Kind.DEVICE_FAILED);
            assertFails(session::await, EngineException.Kind.DEVICE_FAILED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: out of memory",
                "CUDA driver error: out of memory",
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
                "cuFFT error: CUFFT_ALLOC_FAILED"
            })
    void run_forWhichALibraryFindsNoMemory_isOutOfDeviceMemory_andTheNextGoesThrough(String saying) {
        try (EngineModel model = contract(Device.cuda(0));
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            session.run();
            TestDevice.failOnce(saying);
            assertFails(
                    session::run,
                    EngineException.Kind.OUT_OF_DEVICE_MEMORY,
                    "has too little memory left: memory were asked for");
            session.run();
            assertThat(y.toFloatArray()).containsExactly(3, 5);
        }
    }

    @Test
    void hostMemory_ofADeviceThatHasFailed_isGivenUp_andNobodyElsesProcessEnds() {
        long before = TestDevice.pinnedBytes();
        try (EngineModel model = contract(Device.cuda(0))) {
            Memory memory = model.hostMemory(8);
            try (Tensor x = Tensor.ofEngine(DataType.FLOAT32, new long[] {2}, memory);
                    EngineSession session = model.prepare("forward", List.of(x), List.of())) {
                session.run();
                TestDevice.failAfter(0, 0);
                assertFails(session::run, EngineException.Kind.DEVICE_FAILED);
            }
        }
        // LibTorch would ask the device whether its copies are done, out of what may not throw.
        assertThat(TestDevice.pinnedBytes()).isGreaterThan(before);
    }

    @Test
    void free_countsWhatIsKeptOfFreedMemory() {
        long before = ENGINE.device(Device.cuda(1)).orElseThrow().freeBytes();
        try (EngineModel model = contract(Device.cuda(1));
                Tensor large = Tensor.allocate(DataType.FLOAT32, 1 << 20);
                Value answer = model.invoke("forward", List.of(large))) {
            assertThat(answer.asTensor().elements()).isEqualTo(1 << 20);
        }
        assertThat(ENGINE.device(Device.cuda(1)).orElseThrow().freeBytes()).isEqualTo(before);
        assertThat(ENGINE.device(Device.cuda(7))).isEmpty();
    }

    @Test
    void unavailable_indexThatIsNotThere_saysWhichIsTheLast() {
        assertThat(ENGINE.unavailable(Device.cuda(1))).isEmpty();
        assertThat(ENGINE.unavailable(Device.cuda(7)))
                .hasValueSatisfying(reason ->
                        assertThat(reason).startsWith("there is no device ").contains("the last is"));
        assertFails(() -> contract(Device.cuda(7)), EngineException.Kind.UNAVAILABLE, "there is no device");
        assertThat(ENGINE.unavailable(Device.cuda(9999))).isPresent();
    }

    @Test
    void devices_saysTheirMemory() {
        try (EngineModel model = contract(Device.cuda(1))) {
            assertThat(ENGINE.devices()).hasSize(3);
            assertThat(ENGINE.devices().get(0).device()).isEqualTo(Device.cpu());
            assertThat(ENGINE.devices().get(2)).satisfies(report -> {
                assertThat(report.device()).isEqualTo(Device.cuda(1));
                assertThat(report.totalBytes()).isEqualTo(ROOMY);
                assertThat(report.usedBytes()).isPositive();
                assertThat(report.freeBytes()).isEqualTo(ROOMY - report.usedBytes());
                assertThat(report.peakBytes()).isGreaterThanOrEqualTo(report.usedBytes());
            });
            assertThat(model.device()).isEqualTo(Device.cuda(1));
        }
    }
}
