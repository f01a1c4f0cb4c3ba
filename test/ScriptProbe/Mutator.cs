using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.ScriptProbe;

/// <summary>Damages TorchScript files: the zip, its entries, words of the code and of the pickles. A number gives the same damage each time.</summary>
internal sealed partial class Mutator(int seed)
{
    // What a word of the code may become; numbers beyond memory, not within it.
    private static readonly string[] Words =
    [
        "0", "1", "-1", "2", "7", "9223372036854775807", "-9223372036854775808", "1099511627776", "0.5", "-0.5", "1e300", "inf", "nan", "None", "True", "False", "\"text\"", "[]", "()", "{}", "[1, 2]",
        "x", "x0", "y", "self", "h", "Tensor", "int", "float", "bool", "str", "List", "Optional", "Tuple", "Dict", "number", "torch", "ops", "prim", "aten", "add", "sub", "mul", "div", "view", "reshape", "cat",
        "size", "select", "slice", "linear", "conv2d", "sum", "neg", "silu", "len", "append", "floordiv", "remainder", "index", "to", "full", "zeros", "permute", "expand", "group_norm", "save", "from_file",
        "set_", "resize_", "forward", "training", "weight", "w", "CONSTANTS", "c0", "c1", "annotate", "unchecked_cast", "uninitialized", "getattr", "return", "if", "else", "pass", "def", "class", "Module",
        "(", ")", "[", "]", ",", ":", "=", ".", "->", "\n", "\n  ", "\n    ", "alpha", "dtype", "layout", "out", "§",
    ];

    private static readonly string[] Numbers = ["0", "1", "-1", "2", "3", "4", "7", "9223372036854775807", "-9223372036854775808", "1099511627776", "-2147483649", "0.5", "-0.5", "1e300", "inf", "nan"];

    private static readonly string[] Operators = ReadOperators();

    private readonly Random _random = new(seed);

    /// <summary>A damaged copy.</summary>
    public byte[] Damage(byte[] file)
    {
        int kind = _random.Next(10);
        if (kind == 9)
            return Bytes(file);
        var entries = Unpack(file);
        int times = 1 + _random.Next(3);
        for (int i = 0; i < times; i++)
        {
            var wanted = entries.Keys.Where(name => kind < 6 ? name.EndsWith(".py") : kind < 8 ? name.EndsWith(".pkl") : true).ToArray();
            string chosen = wanted[_random.Next(wanted.Length)];
            entries[chosen] = kind < 6 && _random.Next(16) > 0 ? Code(entries[chosen]) : Bytes(entries[chosen]);
        }
        return Pack(entries);
    }

    private byte[] Bytes(byte[] content)
    {
        byte[] damaged = [.. content];
        for (int i = _random.Next(4); i >= 0 && damaged.Length > 0; i--)
        {
            int place = _random.Next(damaged.Length);
            switch (_random.Next(4))
            {
                case 0:
                    damaged[place] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    damaged[place] = (byte)_random.Next(256);
                    break;
                case 2:
                    damaged = [.. damaged[..place], .. damaged[_random.Next(place + 1)..]];
                    break;
                default:
                    damaged = damaged[..place];
                    break;
            }
        }
        return damaged;
    }

    // Most damage keeps the grammar, so that it reaches types, operators and numbers.
    private byte[] Code(byte[] content)
    {
        string[] words = [.. Word().Matches(Encoding.Latin1.GetString(content)).Select(match => match.Value)];
        int kind = _random.Next(8);
        string[] pool = kind < 2 ? Numbers : kind < 5 ? Operators : kind < 7 ? [.. words.Where(IsName)] : Words;
        int[] places = [.. Enumerable.Range(0, words.Length).Where(i => kind switch
        {
            < 2 => char.IsAsciiDigit(words[i][0]),
            < 5 => i > 1 && words[i - 1] == "." && words[i - 2] == "torch",
            < 7 => IsName(words[i]) && words[Math.Max(0, i - 1)] != ".",
            _ => true,
        })];
        if (places.Length == 0)
            return Bytes(content);
        int place = places[_random.Next(places.Length)];
        string other = pool[_random.Next(pool.Length)];
        words[place] = kind < 7 ? other : _random.Next(3) switch { 0 => other + words[place], 1 => "", _ => other };
        return Encoding.Latin1.GetBytes(string.Concat(words));
    }

    private static bool IsName(string word) => char.IsAsciiLetter(word[0]) || word[0] == '_';

    private static string[] ReadOperators()
    {
        using var reader = new StreamReader(typeof(TorchScriptObjective).Assembly.GetManifestResourceStream("PermittedOperators.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] is not ('#' or '[')).SelectMany(line => line.Split(' '))];
    }

    private static Dictionary<string, byte[]> Unpack(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    private static byte[] Pack(Dictionary<string, byte[]> entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    [GeneratedRegex(@"[A-Za-z_]\w*|\d+(\.\d+)?(e[+-]?\d+)?|\s+|.")]
    private static partial Regex Word();
}
