package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeDevice;
import dev.cresset.engine.FakeDevices;
import dev.cresset.engine.FakeEngine;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.GraphReport;
import dev.cresset.engine.InThread;
import dev.cresset.engine.OpenThings;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models on devices that compute beside the processors. */
@ExtendWith(OpenThings.class)
@Timeout(60)
class DevicesTest {

    private static final long ROOM = 1 << 20;
    private static final ModelOptions FAKE = ModelOptions.builder()
            .engine(FakeEngine.NAME)
            .tuningBudget(Duration.ZERO)
            .build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FakeDevices devices = FakeDevices.with(0, 0);

    @BeforeEach
    void open() {
        devices = FakeDevices.with(2, ROOM);
    }

    @AfterEach
    void close() {
        devices.close();
    }

    private Path pt(String module) throws IOException {
        return Files.writeString(folder.resolve(module + ".pt"), module);
    }

    private Predictor.Builder<float[], float[]> builder(String module) throws IOException {
        return Predictor.builder(pt(module), TensorHandler.ofFloats(1)).modelOptions(FAKE);
    }

    private static ModelOptions on(Device device) {
        return FAKE.toBuilder().device(device).build();
    }

    private static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            Thread.onSpinWait();
        }
    }

    private static float answer(CompletableFuture<float[]> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS)[0];
    }

    // ---- choosing a device ----

    @Test
    void model_onADevice_saysSo() throws Exception {
        try (Model model = Model.open(pt("contract"), on(Device.cuda(1)));
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Value y = model.forward(x)) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(3, 5);
            assertThat(model.device()).isEqualTo(Device.cuda(1));
            assertThat(model.plan().toString()).contains(" on cuda:1 (");
            assertThat(devices.get(0).started()).isZero();
            assertThat(devices.get(1).started()).isPositive();
        }
    }

    @Test
    void model_whereNothingIsSaid_isOnTheCpu() throws Exception {
        try (Model model = Model.open(pt("contract"), FAKE)) {
            assertThat(model.device()).isEqualTo(Device.cpu());
            assertThat(model.plan().toString()).doesNotContain("cpu");
        }
    }

    @Test
    void device_thatIsNotThere_isToldBeforeAnythingIsLoaded() {
        assertThatThrownBy(() -> Model.open(pt("contract"), on(Device.cuda(2))))
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessage("cannot open contract.pt on cuda:2: of fake GPUs there are 2");
        assertThatThrownBy(() -> builder("contract")
                        .devices(Device.cuda(0), Device.cuda(7))
                        .open())
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageContaining("on cuda:7");
    }

    @Test
    void device_ofAProperty_isTheWholeProcesss() throws Exception {
        System.setProperty("cresset.device", "cuda:1");
        try (Model model = Model.open(pt("contract"), FAKE);
                Predictor<float[], float[]> predictor = builder("contract").open()) {
            assertThat(model.device()).isEqualTo(Device.cuda(1));
            assertThat(predictor.devices()).containsExactly(Device.cuda(1));
        } finally {
            System.clearProperty("cresset.device");
        }
    }

    @Test
    void available_isWhatTheEngineHas() {
        System.setProperty("cresset.engine", FakeEngine.NAME);
        try {
            assertThat(Device.available())
                    .extracting(DeviceReport::device)
                    .containsExactly(Device.cpu(), Device.cuda(0), Device.cuda(1));
            assertThat(Device.available().get(1))
                    .hasToString("cuda:0 Fake GPU: 1 of 1 MB free, 0 MB used here (0 MB at the most)");
        } finally {
            System.clearProperty("cresset.engine");
        }
    }

    @Test
    void model_tooLargeForItsDevice_isToldByItsSize() throws Exception {
        Path large = Files.writeString(folder.resolve("large.pt"), "contract" + " ".repeat((int) ROOM));

        assertThatThrownBy(() -> Model.open(large, on(Device.cuda(0))))
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessage(
                        "cannot load large.pt on cuda:0: it has 1,048,584 bytes, and 1,048,576 of the device's 1,048,576"
                                + " are free, 0 are in use by this process");
    }

    @Test
    void model_thatFindsNoRoomWhileItIsLoaded_isToldByTheEngine() throws Exception {
        FakeModules.put("heavy", () -> new FakeModule().weights(ROOM + 1));

        assertThatThrownBy(() -> Model.open(pt("heavy"), on(Device.cuda(0))))
                .isInstanceOf(OutOfNativeMemoryException.class)
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessageStartingWith("cannot load heavy.pt: cuda:0 has no 1048577 bytes");
    }

    // ---- an archive's settings ----

    private ModelArchive archive(String settings) throws IOException {
        return ModelArchive.open(TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest("m", "none", "\"serializedFile\": \"model.pt\", \"configFile\": \"c.yaml\""),
                "model.pt",
                "contract",
                "c.yaml",
                settings));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deviceType: gpu                           | 0, cuda:0 cuda:1",
                "deviceType: gpu                           | 1, cuda:0",
                "'deviceType: gpu\nminWorkers: 1'          | 0, cuda:0",
                "'deviceType: gpu\ndeviceIds: [1]'         | 0, cuda:1",
                "deviceIds: [1]                            | 0, cuda:1",
                "'deviceType: gpu\ndeviceIds: [1, 9]'      | 0, cuda:0 cuda:1",
                "'deviceType: cpu\ndeviceIds: [1]'         | 0, cpu",
                "batchSize: 2                              | 0, cpu"
            })
    void predictor_ofAnArchive_isWhereItsSettingsWish(String settings, String expected) throws Exception {
        String[] workersAndDevices = expected.strip().split(", ", -1);
        int workers = Integer.parseInt(workersAndDevices[0]);
        try (ModelArchive archive = archive(settings)) {
            Predictor.Builder<float[], float[]> builder =
                    Predictor.builder(archive, TensorHandler.ofFloats(1)).modelOptions(FAKE);
            if (workers > 0) {
                builder.workers(workers);
            }
            try (FakeMemory other = new FakeMemory(1);
                    Predictor<float[], float[]> predictor = builder.open()) {
                assertThat(other).isNotNull(); // so the first has the most room
                assertThat(predictor.devices()).map(Device::toString).containsExactly(workersAndDevices[1].split(" "));
                assertThat(predictor.predict(new float[] {1})).containsExactly(3);
            }
        }
    }

    /** A model of somebody else's on a device. */
    private final class FakeMemory implements AutoCloseable {
        private final Model model;

        FakeMemory(int device) throws IOException {
            model = Model.open(pt("contract"), on(Device.cuda(device)));
        }

        @Override
        public void close() {
            model.close();
        }
    }

    @Test
    void model_ofAnArchiveThatWishesForAny_isWhereThereIsTheMostRoom() throws Exception {
        try (ModelArchive archive = archive("deviceType: gpu");
                FakeMemory other = new FakeMemory(0);
                Model model = Model.open(archive, FAKE)) {
            assertThat(other.model.device()).isEqualTo(Device.cuda(0));
            assertThat(model.device()).isEqualTo(Device.cuda(1));
        }
    }

    @Test
    void metrics_ofADevice_haveItsTime_andThoseOfTheCpuHaveNone() throws Exception {
        try (Predictor<float[], float[]> predictor =
                        builder("contract").devices(Device.cuda(0)).open();
                Predictor<float[], float[]> onTheCpu =
                        builder("contract").devices(Device.cpu()).open()) {
            predictor.metrics();
            onTheCpu.metrics();
            for (int i = 0; i < 3; i++) {
                predictor.predict(new float[] {1});
                onTheCpu.predict(new float[] {1});
            }
            until(() -> predictor.metrics().device().count() == 3);
            assertThat(predictor.metrics().device().sum()).isEqualTo(Duration.ofNanos(15_000));
            assertThat(onTheCpu.metrics().device().count()).isZero();
            assertThat(predictor.metrics().graphs()).containsExactly(GraphReport.none());
        }
    }

    @Test
    void cudaGraphs_areNoneUnlessWished_andNeverFewer() {
        assertThat(ModelOptions.defaults().cudaGraphs()).isZero();
        assertThat(ModelOptions.builder().cudaGraphs(8).build().toBuilder()
                        .build()
                        .cudaGraphs())
                .isEqualTo(8);
        assertThatThrownBy(() -> ModelOptions.builder().cudaGraphs(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cudaGraphs is -1, it must be at least 0");
        assertThat(new GraphReport(2, 8, 3 << 20, Optional.of("it draws")))
                .hasToString("2 of at most 8 graphs, 3 MB; none of a call: it draws");
    }

    @Test
    void code_winsOverTheArchive() throws Exception {
        try (ModelArchive archive = archive("deviceType: gpu\nparallelType: pp");
                Model model = Model.open(archive, on(Device.cpu()))) {
            assertThat(model.device()).isEqualTo(Device.cpu());
        }
    }

    @Test
    void archive_thatWishesForAGpu_withoutOne_isOnTheCpu() throws Exception {
        devices.close();
        try (ModelArchive archive = archive("deviceType: gpu");
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats(1))
                        .modelOptions(FAKE)
                        .open()) {
            assertThat(predictor.devices()).containsExactly(Device.cpu());
            assertThat(predictor.metrics().devices())
                    .extracting(DeviceReport::device)
                    .containsExactly(Device.cpu());
            assertThat(predictor.predict(new float[] {1})).containsExactly(3);
        }
    }

    @Test
    void archive_thatWishesForAGpu_withoutOne_saysSoOnce() throws Exception {
        devices.close();
        try (Warnings warnings = new Warnings();
                ModelArchive archive = archive("deviceType: gpu");
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats(1))
                        .modelOptions(FAKE)
                        .open()) {
            assertThat(predictor.plan().device()).isEqualTo(Device.cpu());
            assertThat(warnings.all())
                    .containsExactly(
                            "m.mar: its settings wish for a GPU, and it is computed on the CPU: of fake GPUs there are 0");
        }
    }

    @Test
    void archive_thatIsToBeSplit_isRefusedInWords() throws Exception {
        try (ModelArchive archive = archive("parallelType: pp\nparallelLevel: 2")) {
            assertThatThrownBy(() -> Model.open(archive, FAKE))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("m.mar: its settings' parallelType is 'pp'")
                    .hasMessageContaining("whole on each of its devices");
        }
    }

    // ---- several devices ----

    @Test
    void predictor_onSeveralDevices_usesAll() throws Exception {
        try (Predictor<float[], float[]> predictor =
                builder("contract").devices(Device.cuda(0), Device.cuda(1)).open()) {
            int before0 = devices.get(0).started();
            int before1 = devices.get(1).started();
            assertThat(before1).as("both are warm").isPositive();
            devices.get(0).hold();
            devices.get(1).hold();
            List<CompletableFuture<float[]>> asked = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asked.add(predictor.predictAsync(new float[] {i}));
            }
            until(() -> devices.get(0).started() > before0 && devices.get(1).started() > before1);
            devices.get(0).release();
            devices.get(1).release();
            for (int i = 0; i < 4; i++) {
                assertThat(answer(asked.get(i))).isEqualTo(2 * i + 1);
            }
            assertThat(predictor.devices()).containsExactly(Device.cuda(0), Device.cuda(1));
            assertThat(predictor.metrics().devices())
                    .extracting(DeviceReport::device)
                    .containsExactly(Device.cuda(0), Device.cuda(1));
        }
    }

    @Test
    void devices_thatMakeNoSense_areRefused() throws Exception {
        assertThatThrownBy(() -> builder("contract").devices()).hasMessageContaining("expected one or more");
        assertThatThrownBy(() -> builder("contract").devices(Device.cuda(0), Device.cuda(0)))
                .hasMessage("devices are [cuda:0, cuda:0], expected one or more, each once");
        assertThatThrownBy(() -> builder("contract")
                        .devices(Device.cuda(0), Device.cuda(1))
                        .workers(1)
                        .open())
                .hasMessageContaining("workers is 1, it must be at least 2");
        assertThatThrownBy(() -> builder("contract-state")
                        .devices(Device.cuda(0), Device.cuda(1))
                        .open())
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "cannot open contract-state.pt on [cuda:0, cuda:1]: it keeps a state between calls, which is on one"
                                + " device; name one");
    }

    @Test
    void predictor_onTheCpuAndADevice_usesBoth() throws Exception {
        try (Predictor<float[], float[]> predictor =
                builder("contract").devices(Device.cpu(), Device.cuda(0)).open()) {
            int before = devices.get(0).started();
            devices.get(0).hold();
            CompletableFuture<float[]> one = predictor.predictAsync(new float[] {1});
            CompletableFuture<float[]> two = predictor.predictAsync(new float[] {2});
            until(() -> one.isDone() || two.isDone() || devices.get(0).started() > before);
            devices.get(0).release();
            assertThat(answer(one)).isEqualTo(3);
            assertThat(answer(two)).isEqualTo(5);
        }
    }

    @Test
    void replica_thatCannotBeOpened_leavesNothingOpen() throws Exception {
        FakeModules.put("half", () -> doubling().weights(ROOM / 2 + 1));
        try (Model first = Model.open(pt("half"), on(Device.cuda(1)))) {
            assertThat(first.device()).isEqualTo(Device.cuda(1));
            assertThatThrownBy(() -> builder("half")
                            .devices(Device.cuda(0), Device.cuda(1))
                            .open())
                    .isInstanceOf(OutOfDeviceMemoryException.class);
            assertThat(devices.get(0).used()).isZero();
        }
    }

    private static FakeModule doubling() {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
            float[] data = a.get(0).asTensor().toFloatArray();
            for (int i = 0; i < data.length; i++) {
                data[i] *= 2;
            }
            return Tensor.of(data, a.get(0).asTensor().shape());
        });
    }

    // ---- two batches under way ----

    /** Asks for as many, the first two of which are on the device when this returns, and held there. */
    private List<CompletableFuture<float[]>> underWay(Predictor<float[], float[]> predictor, int count) {
        FakeDevice device = devices.get(0);
        int before = device.started();
        device.hold();
        CompletableFuture<float[]> first = predictor.predictAsync(new float[] {0});
        until(() -> device.started() == before + 1);
        List<CompletableFuture<float[]>> asked = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            asked.add(predictor.predictAsync(new float[] {i}));
        }
        device.let(1);
        assertThat(first.join()).containsExactly(1);
        until(() -> device.started() == before + 3);
        return asked;
    }

    @Test
    void nextBatch_isOnItsWay_beforeTheOneBeforeHasComputed() throws Exception {
        try (Predictor<float[], float[]> predictor =
                builder("contract").devices(Device.cuda(0)).open()) {
            FakeDevice device = devices.get(0);
            int before = device.started();
            List<CompletableFuture<float[]>> asked = underWay(predictor, 3);
            assertThat(device.timeline())
                    .endsWith(
                            "copy in " + (before + 1),
                            "computed " + (before + 1),
                            "copy out " + (before + 1),
                            "copy in " + (before + 2),
                            "copy in " + (before + 3));
            device.let(1);
            assertThat(answer(asked.get(0))).isEqualTo(3);
            until(() -> device.started() == before + 4);
            assertThat(device.timeline())
                    .as("no more than two at a time")
                    .endsWith("computed " + (before + 2), "copy out " + (before + 2), "copy in " + (before + 4))
                    .doesNotContain("computed " + (before + 3));
            device.release();
            assertThat(answer(asked.get(1))).isEqualTo(5);
            assertThat(answer(asked.get(2))).isEqualTo(7);
        }
    }

    @Test
    void batches_ofManyCallers_areAnsweredRight() throws Exception {
        try (Predictor<float[], float[]> predictor = Predictor.builder(pt("contract"), TensorHandler.ofFloats())
                .modelOptions(FAKE)
                .devices(Device.cuda(0), Device.cuda(1))
                .batching(new Batching(8, Duration.ofMillis(1)))
                .workers(4)
                .open()) {
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int caller = 0; caller < 8; caller++) {
                int from = 1000 * caller;
                callers.add(InThread.run(() -> {
                    for (int i = from; i < from + 200; i++) {
                        assertThat(predictor.predict(new float[] {i})).containsExactly(2 * i + 1);
                    }
                }));
            }
            for (CompletableFuture<Void> caller : callers) {
                caller.get(50, TimeUnit.SECONDS);
            }
            assertThat(predictor.metrics().rows()).isEqualTo(1600);
            assertThat(predictor.metrics().nativeBytes()).isPositive();
        }
    }

    @Test
    void callback_onItsWorkersThread_thatAsksAgain_isAnswered() throws Exception {
        try (Predictor<float[], float[]> predictor = builder("contract")
                .devices(Device.cuda(0))
                .completeOn(Runnable::run)
                .open()) {
            CompletableFuture<float[]> twice =
                    predictor.predictAsync(new float[] {1}).thenApply(predictor::predict);
            assertThat(answer(twice)).isEqualTo(7);
        }
    }

    // ---- no memory left ----

    private Predictor<float[], float[]> batchesOfFour() throws IOException {
        return Predictor.builder(pt("wide"), TensorHandler.ofFloats()) // nothing to try sizes with: all are used
                .modelOptions(FAKE)
                .devices(Device.cuda(0))
                .batching(Batching.upTo(4))
                .open();
    }

    private List<CompletableFuture<float[]>> askedTogether(Predictor<float[], float[]> predictor, int count) {
        FakeDevice device = devices.get(0);
        int before = device.started();
        device.hold();
        CompletableFuture<float[]> first = predictor.predictAsync(new float[1000]);
        until(() -> device.started() == before + 1); // and the others come together meanwhile
        List<CompletableFuture<float[]>> asked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] row = new float[1000];
            row[0] = i;
            asked.add(predictor.predictAsync(row));
        }
        device.release();
        assertThat(first.exceptionally(failure -> new float[0]).join()).isNotNull();
        return asked;
    }

    @Test
    void batch_thatFindsNoRoom_isHalvedOnce_andAllAreAnswered() throws Exception {
        FakeModules.put("wide", DevicesTest::doubling);
        try (Predictor<float[], float[]> predictor = batchesOfFour()) {
            FakeDevice device = devices.get(0);
            try (Ballast ballast = new Ballast(device, device.free() - 16 * 3 * 4000)) {
                assertThat(device.free()).as("%s", ballast).isEqualTo(16 * 3 * 4000);
                List<CompletableFuture<float[]>> asked = askedTogether(predictor, 4);
                for (int i = 0; i < asked.size(); i++) {
                    assertThat(answer(asked.get(i))).isEqualTo(2 * i);
                }
            }
            assertThat(predictor.metrics().outOfNativeMemory()).isZero();
        }
    }

    @Test
    void batch_whoseHalvesFindNoRoom_isToldSo_andThePredictorGoesOn() throws Exception {
        FakeModules.put("wide", DevicesTest::doubling);
        try (Predictor<float[], float[]> predictor = batchesOfFour()) {
            FakeDevice device = devices.get(0);
            List<CompletableFuture<float[]>> asked;
            try (Ballast ballast = new Ballast(device, device.free() - 4000)) {
                assertThat(device.free()).as("%s", ballast).isEqualTo(4000);
                asked = askedTogether(predictor, 4);
                for (CompletableFuture<float[]> one : asked) {
                    assertThatThrownBy(one::join)
                            .isInstanceOf(CompletionException.class)
                            .cause()
                            .isInstanceOf(OutOfDeviceMemoryException.class)
                            .hasMessageContaining("wide.pt: forward ran out of the device's memory: cuda:0 has no");
                }
            }
            assertThat(predictor.predict(new float[1000])).hasSize(1000);
            assertThat(predictor.metrics().outOfNativeMemory()).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void sizes_thatFindNoRoomWhenItIsOpened_areNotUsed() throws Exception {
        FakeModules.put("wide", DevicesTest::doubling);
        try (Predictor<float[], float[]> predictor = Predictor.builder(pt("wide"), TensorHandler.ofFloats(1000))
                .modelOptions(
                        FAKE.toBuilder().tuningBudget(Duration.ofSeconds(10)).build())
                .devices(Device.cuda(0))
                .batching(Batching.upTo(64))
                .open()) {
            assertThat(predictor.batching().maxSize()).isBetween(1, 63);
            assertThat(predictor.predict(new float[1000])).hasSize(1000);
        }
    }

    // ---- a device that fails ----

    @Test
    void device_thatFails_takesItsModelsOutOfService_andNoOther() throws Exception {
        try (Model other = Model.open(pt("contract"), on(Device.cuda(0)));
                Model elsewhere = Model.open(pt("contract"), on(Device.cuda(1)));
                Tensor x = Tensor.of(new float[] {1}, 1);
                Predictor<float[], float[]> predictor =
                        builder("contract").devices(Device.cuda(0)).open()) {
            devices.get(0).failAfter(0);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> predictor.predict(new float[] {1}))
                        .isInstanceOf(DeviceFailedException.class)
                        .hasMessageContaining("contract.pt: forward failed with its device: cuda:0 failed")
                        .hasMessageContaining("started anew");
            }
            assertThatThrownBy(() -> other.forward(x)).isInstanceOf(DeviceFailedException.class);
            assertThatThrownBy(() -> Model.open(pt("contract"), on(Device.cuda(0))))
                    .isInstanceOf(DeviceUnavailableException.class)
                    .hasMessageContaining("has failed in this process");
            try (Value y = elsewhere.forward(x)) {
                assertThat(y.asTensor().toFloatArray()).containsExactly(3);
            }
            assertThat(predictor.metrics().devices())
                    .singleElement()
                    .hasToString("cuda:0 out of service: 0 of 0 MB free," + " 0 MB used here (0 MB at the most)");
        }
    }

    @Test
    void predictor_oneOfWhoseDevicesFails_goesOnOnTheOther() throws Exception {
        try (Predictor<float[], float[]> predictor = builder("contract")
                .devices(Device.cuda(0), Device.cuda(1))
                .batching(Batching.upTo(4))
                .open()) {
            devices.get(0).failAfter(0);
            int failed = 0;
            for (int i = 0; i < 40 || failed == 0; i++) { // either worker may be the first to take a lone request
                try {
                    assertThat(predictor.predict(new float[] {i})).containsExactly(2 * i + 1);
                } catch (DeviceFailedException e) {
                    failed++;
                }
            }
            assertThat(failed).as("only what was on the device").isEqualTo(1);
            devices.get(1).failAfter(0);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> predictor.predict(new float[] {1})).isInstanceOf(DeviceFailedException.class);
            }
        }
    }

    @Test
    void batch_ofADeviceThatFails_isTriedNowhereElse() throws Exception {
        try (Predictor<float[], float[]> predictor = builder("contract")
                .devices(Device.cuda(0), Device.cuda(1))
                .batching(Batching.upTo(4))
                .open()) {
            int before = devices.get(0).started() + devices.get(1).started();
            devices.get(0).failAfter(0);
            devices.get(1).failAfter(0);
            assertThatThrownBy(() -> predictor.predictAll(List.of(new float[] {1}, new float[] {2})))
                    .isInstanceOf(DeviceFailedException.class);
            assertThat(devices.get(0).started() + devices.get(1).started())
                    .as("each at most once")
                    .isLessThanOrEqualTo(before + 2);
        }
    }

    // ---- close, cancel, deadlines, updates ----

    @Test
    void close_whileABatchComputes_waitsForIt() throws Exception {
        Predictor<float[], float[]> predictor =
                builder("contract").devices(Device.cuda(0)).open();
        FakeDevice device = devices.get(0);
        List<CompletableFuture<float[]>> asked = underWay(predictor, 2);
        CompletableFuture<Void> closing = InThread.run(predictor::close);
        until(() -> isRefusing(predictor));
        assertThat(closing).isNotDone();
        device.release();
        closing.get(20, TimeUnit.SECONDS);
        assertThat(answer(asked.get(0))).isEqualTo(3);
        assertThat(answer(asked.get(1))).isEqualTo(5);
        assertThat(device.used()).isZero();
    }

    private static boolean isRefusing(Predictor<float[], float[]> predictor) {
        CompletableFuture<float[]> more = predictor.predictAsync(new float[] {9});
        return more.isCompletedExceptionally() || !more.cancel(false);
    }

    @Test
    void cancel_ofWhatComputes_leavesItsNeighbourAlone() throws Exception {
        try (Predictor<float[], float[]> predictor =
                builder("contract").devices(Device.cuda(0)).open()) {
            FakeDevice device = devices.get(0);
            List<CompletableFuture<float[]>> asked = underWay(predictor, 2);
            assertThat(asked.get(0).cancel(true)).isTrue();
            CompletableFuture<float[]> late = predictor.predictAsync(new float[] {3}, Duration.ofMillis(5));
            assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(DeadlineExceededException.class);
            device.release();
            assertThat(answer(asked.get(1))).isEqualTo(5);
            assertThat(predictor.metrics().cancelled()).isOne();
            assertThat(predictor.metrics().expired()).isOne();
        }
    }

    @Test
    void model_closedBetweenStartAndAwait_isFreedAfterIt() throws Exception {
        Model model = Model.open(pt("contract"), on(Device.cuda(0)));
        FakeDevice device = devices.get(0);
        try (Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.of(new float[] {0}, 1)) {
            BoundCall call = model.bind(List.of(x), List.of(y));
            device.hold();
            CompletableFuture<Void> running = InThread.run(call::run);
            until(() -> device.started() == 1);
            CompletableFuture<Void> closing = InThread.run(model::close);
            device.release();
            running.get(20, TimeUnit.SECONDS);
            closing.get(20, TimeUnit.SECONDS);
            assertThat(y.toFloatArray()).containsExactly(3);
            assertThat(device.used()).isZero();
        }
    }

    @Test
    void update_ofARegistry_whileABatchComputes_losesNothing() throws Exception {
        try (ModelRegistry<float[], float[]> registry = ModelRegistry.builder(
                        archive -> Predictor.builder(archive, TensorHandler.ofFloats(1))
                                .modelOptions(FAKE)
                                .devices(Device.cuda(0))
                                .open())
                .open()) {
            registry.register(TestArchives.versioned(folder.resolve("m-1.mar"), "m", "1.0", "contract"));
            FakeDevice device = devices.get(0);
            registry.predict("m", new float[] {0}); // what a prepared call has there is there from now on
            long used = device.used();
            int before = device.started();
            device.hold();
            CompletableFuture<Prediction<float[]>> old = registry.predictAsync("m", new float[] {1});
            until(() -> device.started() == before + 1);
            CompletableFuture<Void> updating = InThread.run(() -> {
                try {
                    registry.update(TestArchives.versioned(folder.resolve("m-2.mar"), "m", "2.0", "contract"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            device.release();
            updating.get(20, TimeUnit.SECONDS);
            assertThat(old.get(20, TimeUnit.SECONDS).value()).containsExactly(3);
            assertThat(registry.predict("m", new float[] {2}).version()).isEqualTo("2.0");
            until(() -> device.used() == used);
        }
    }

    @Test
    void batch_thatMayWaitForMoreRows_waitsOnADeviceToo() throws Exception {
        try (Predictor<float[], float[]> predictor = Predictor.builder(pt("contract"), TensorHandler.ofFloats())
                .modelOptions(FAKE)
                .devices(Device.cuda(0))
                .batching(new Batching(4, Duration.ofMillis(20)))
                .open()) {
            for (int round = 0; round < 5; round++) {
                List<CompletableFuture<float[]>> asked = new ArrayList<>();
                for (int i = 0; i < 9; i++) {
                    asked.add(predictor.predictAsync(new float[] {i}));
                }
                for (int i = 0; i < 9; i++) {
                    assertThat(answer(asked.get(i))).isEqualTo(2 * i + 1);
                }
            }
            assertThat(predictor.metrics().rows()).isEqualTo(45);
            assertThat(predictor.metrics().batches()).isLessThan(45);
        }
    }

    @Test
    void firstCallTuning_looksOnTheModelsDevice() throws Exception {
        FakeModules.put("later", () -> doubling().optimization(Optimization.DIRECT, DevicesTest::doubling));
        ModelOptions later = ModelOptions.builder()
                .engine(FakeEngine.NAME)
                .device(Device.cuda(1))
                .firstCallTuning(FirstCallTuning.AT_THE_CALL)
                .build();
        try (Model model = Model.open(pt("later"), later);
                Tensor x = Tensor.of(new float[] {1}, 1);
                Value y = model.forward(x);
                Value again = model.forward(x)) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(2);
            assertThat(again.asTensor().toFloatArray()).containsExactly(2);
            assertThat(model.plan().device()).isEqualTo(Device.cuda(1));
            assertThat(model.plan().candidates()).isNotEmpty();
            assertThat(devices.get(0).started()).isZero();
        }
    }

    @Test
    void updates_leaveTheDevicesMemoryAsItWas() throws Exception {
        try (Predictor<float[], float[]> serving =
                builder("contract").devices(Device.cuda(0)).open()) {
            long used = devices.get(0).used();
            for (int i = 0; i < Integer.getInteger("cresset.updates", 10); i++) {
                try (Predictor<float[], float[]> next = builder("contract")
                        .devices(Device.cuda(0))
                        .batching(Batching.upTo(4))
                        .open()) {
                    assertThat(next.predict(new float[] {i})).containsExactly(2 * i + 1);
                }
            }
            assertThat(devices.get(0).used()).isEqualTo(used);
            assertThat(serving.predict(new float[] {1})).containsExactly(3);
        }
    }

    @Test
    void fastWay_thatFailsOnADevice_fallsBackThere() throws Exception {
        FakeModules.put(
                "fails-fast",
                () -> doubling()
                        .optimization(
                                Optimization.FUSED,
                                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                                    throw new EngineException(EngineException.Kind.EXECUTION, "not this way");
                                })));
        ModelOptions fused =
                on(Device.cuda(0)).toBuilder().optimization(Optimization.FUSED).build();
        try (Predictor<float[], float[]> predictor =
                builder("fails-fast").modelOptions(fused).open()) {
            assertThat(predictor.predict(new float[] {2})).containsExactly(4);
            assertThat(predictor.plan().origin()).isEqualTo(Plan.Origin.FALLEN_BACK);
            assertThat(predictor.plan().device()).isEqualTo(Device.cuda(0));
        }
    }

    /** What Cresset warns of while this is open. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger("dev.cresset");
        private final List<String> all = new CopyOnWriteArrayList<>();

        Warnings() {
            logger.addHandler(this);
        }

        List<String> all() {
            return all;
        }

        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().equals(Level.WARNING)) {
                all.add(line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    /** So much of a device's memory that is somebody else's. */
    private static final class Ballast implements AutoCloseable {
        private final FakeDevice device;
        private final long bytes;

        Ballast(FakeDevice device, long bytes) {
            this.device = device;
            this.bytes = bytes;
            device.take(bytes);
        }

        @Override
        public void close() {
            device.give(bytes);
        }
    }
}
