package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class FolderScanTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path file(String name, String content, long modified) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        Files.setLastModifiedTime(file, FileTime.fromMillis(modified));
        return file;
    }

    private static List<String> settled(FolderScan scan) throws IOException {
        return scan.look().settled().stream()
                .map(found -> found.archive().getFileName().toString())
                .toList();
    }

    @Test
    void look_first_tellsWhatIsThere_theLastModifiedAtTheEnd() throws IOException {
        file("a.mar", "x", 3000);
        file("b.tar.gz", "x", 1000);
        file("c.tgz", "x", 2000);
        assertThat(settled(new FolderScan(folder))).containsExactly("b.tar.gz", "c.tgz", "a.mar");
    }

    @Test
    void look_leavesOutWhatIsNoArchive() throws IOException {
        file("readme.txt", "x", 1000);
        file("a.mar.part", "x", 1000);
        file(".hidden.mar", "x", 1000);
        Files.createDirectory(folder.resolve("folder"));
        Files.createDirectories(folder.resolve("unpacked/MAR-INF"));
        assertThat(settled(new FolderScan(folder))).containsExactly("unpacked");
    }

    @Test
    void look_anEntryThatCannotBeLookedAt_isToldAndHidesNoOther() throws IOException {
        file("a.mar", "x", 1000);
        Path loop = folder.resolve("loop.mar");
        Files.createSymbolicLink(loop, loop);
        FolderScan scan = new FolderScan(folder);
        assertThat(settled(scan)).containsExactly("loop.mar", "a.mar");

        Files.delete(loop);
        file("loop.mar", "x", 2000);
        assertThat(settled(scan)).isEmpty();
        assertThat(settled(scan)).containsExactly("loop.mar");
    }

    @Test
    void look_anArchiveThatIsBeingCopied_isToldWhenItStopsGrowing() throws IOException {
        FolderScan scan = new FolderScan(folder);
        scan.look();
        file("a.mar", "x", 1000);
        assertThat(settled(scan)).isEmpty();
        file("a.mar", "xx", 1000);
        assertThat(settled(scan)).isEmpty();
        file("a.mar", "xx", 2000);
        assertThat(settled(scan)).isEmpty();
        assertThat(settled(scan)).containsExactly("a.mar");
        assertThat(settled(scan)).isEmpty();
    }

    @Test
    void look_anArchiveMovedIntoAnothersPlace_isToldThoughItLooksTheSame() throws IOException {
        file("a.mar", "x", 1000);
        Path other = file("b.part", "y", 1000);
        FolderScan scan = new FolderScan(folder);
        scan.look();
        Files.move(other, folder.resolve("a.mar"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(settled(scan)).isEmpty();
        assertThat(settled(scan)).containsExactly("a.mar");
    }

    @Test
    void look_aFileInAnUnpackedArchive_isPartOfIt() throws IOException {
        Files.createDirectories(folder.resolve("unpacked/MAR-INF"));
        file("unpacked/model.pt", "x", 1000);
        FolderScan scan = new FolderScan(folder);
        scan.look();
        file("unpacked/model.pt", "y", 2_000_000_000_000L);
        assertThat(settled(scan)).isEmpty();
        assertThat(settled(scan)).containsExactly("unpacked");
    }

    @Test
    void look_anArchiveDeleted_isGoneAfterTwoLooks() throws IOException {
        Path file = file("a.mar", "x", 1000);
        FolderScan scan = new FolderScan(folder);
        scan.look();
        Files.delete(file);
        assertThat(scan.look().gone()).isEmpty();
        assertThat(scan.look().gone()).containsExactly(file);
        assertThat(scan.look().gone()).isEmpty();
    }

    @Test
    void look_anArchiveDeletedAndPutBack_wasNeverGone() throws IOException {
        Path file = file("a.mar", "x", 1000);
        FolderScan scan = new FolderScan(folder);
        scan.look();
        Files.delete(file);
        scan.look();
        file("a.mar", "y", 2000);
        assertThat(scan.look().gone()).isEmpty();
        assertThat(settled(scan)).containsExactly("a.mar");
    }

    @Test
    void look_aFolderThatIsGone_saysNothingOfItsArchives() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        file("inner/a.mar", "x", 1000);
        FolderScan scan = new FolderScan(inner);
        scan.look();
        Files.move(inner, folder.resolve("elsewhere"));
        assertThatThrownBy(scan::look).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(scan::look).isInstanceOf(NoSuchFileException.class);
        Files.move(folder.resolve("elsewhere"), inner);
        assertThat(scan.look()).isEqualTo(new FolderScan.Changes(List.of(), List.of()));
    }
}
