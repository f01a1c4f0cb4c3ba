using System.Globalization;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript file that only computes: read here, checked, and written anew from what was understood. libtorch sees nothing of the file itself.</summary>
/// <param name="File">What libtorch is given.</param>
/// <param name="ChangesItself">Whether a call may change a list that the module holds: then there is one call at a time.</param>
internal sealed record CheckedScript(byte[] File, bool ChangesItself)
{
    // The versions of the format that libtorch 2.10 reads.
    private const int Oldest = 1;
    private const int Newest = 10;

    /// <summary>Checks a file.</summary>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute; says what and where.</exception>
    public static CheckedScript Of(ReadOnlyMemory<byte> file)
    {
        var archive = new ScriptArchive(file);
        string version = Encoding.ASCII.GetString(archive.Content("version") ?? throw ScriptArchive.Refuse("the entry 'version' is missing")).Trim();
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < Oldest or > Newest)
            throw ScriptArchive.Refuse($"its version is '{(version.Length > 20 ? version[..20] : version)}'; expected {Oldest} to {Newest}");
        if (archive.Content("byteorder") is { } order && Encoding.ASCII.GetString(order).Trim() != "little")
            throw ScriptArchive.Refuse("its numbers are not little-endian");
        if (PickleReader.Read("constants.pkl", archive.Content("constants.pkl")!) is not PickleTuple constants)
            throw ScriptArchive.Refuse("constants.pkl holds no tuple");
        var files = archive.Sources.Select(Parse).ToList();
        var names = new ScriptNames(files, constants.Items.Count);
        var checker = new ScriptChecker(names);
        var code = files.Select(checker.Check).ToList();
        checker.CheckSize();
        var (data, tensors) = (new ScriptStorage(archive, "data"), new ScriptStorage(archive, "constants"));
        byte[] module = new ScriptValueWriter(names, data, "data.pkl").Module(PickleReader.Read("data.pkl", archive.Content("data.pkl")!));
        byte[] constantTensors = new ScriptValueWriter(names, tensors, "constants.pkl").Constants(constants);
        return new CheckedScript(
            ScriptArchive.Write(
            [
                ("version", Encoding.ASCII.GetBytes($"{number}\n")),
                ("byteorder", "little"u8.ToArray()),
                ("data.pkl", module),
                ("constants.pkl", constantTensors),
                .. code.Select(each => ($"code/{each.Source.Path}.py", Encoding.ASCII.GetBytes(each.ToString()))),
                .. data.Entries,
                .. tensors.Entries,
            ]),
            checker.ChangesItself);
    }

    private static ScriptFile Parse(ScriptSource source)
    {
        foreach (string part in source.Path.Split('/'))
            if (part.Length == 0 || char.IsAsciiDigit(part[0]) || !part.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                throw ScriptArchive.Refuse($"the path code/{source.Path}.py is made of something else than names");
        return source.Path.Split('/')[0] == "__torch__" ? ScriptParser.Read(source) : throw ScriptArchive.Refuse($"the path code/{source.Path}.py does not begin with __torch__");
    }
}
