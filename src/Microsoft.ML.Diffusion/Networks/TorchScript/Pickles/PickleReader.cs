using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>Reads a pickle of a TorchScript archive: data of the kinds that torch.jit.save writes. It makes nothing else, and calls nothing.</summary>
internal sealed partial class PickleReader
{
    private static readonly object Mark = new();

    private readonly string _name;
    private readonly byte[] _bytes;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<int, object?> _memo = [];
    private int _position;

    private PickleReader(string name, byte[] bytes)
    {
        _name = name;
        _bytes = bytes;
    }

    /// <summary>Reads a pickle.</summary>
    /// <param name="name">The name of its entry, for errors.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="ArgumentException">It holds something else, or is damaged; says what.</exception>
    public static object? Read(string name, byte[] bytes) => new PickleReader(name, bytes).Run();

    private object? Run()
    {
        while (true)
        {
            byte code = Take(1)[0];
            if (code == '.')
                return Pop();
            Step((char)code);
        }
    }

    private void Step(char code)
    {
        switch (code)
        {
            case '\u0080':
                if (Take(1)[0] > 4)
                    throw Refuse("is of a newer protocol than 4");
                break;
            case '(':
                Push(Mark);
                break;
            case 'N':
                Push(null);
                break;
            case '\u0088' or '\u0089':
                Push(code == '\u0088');
                break;
            case 'K':
                Push((long)Take(1)[0]);
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case 'J':
                Push((long)ReadInt32());
                break;
            case '\u008a':
                Push(ReadLong(Take(Take(1)[0])));
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case 'X':
                Push(Encoding.UTF8.GetString(Take(ReadInt32())));
                break;
            case 'c':
                Push(Global($"{ReadLine()} {ReadLine()}"));
                break;
            case 'q':
                _memo[Take(1)[0]] = Top();
                break;
            case 'r':
                _memo[ReadInt32()] = Top();
                break;
            case 'h':
                Recall(Take(1)[0]);
                break;
            case 'j':
                Recall(ReadInt32());
                break;
            case ')':
                Push(new PickleTuple([]));
                break;
            case 't':
                Push(new PickleTuple(PopToMark()));
                break;
            case '\u0085' or '\u0086' or '\u0087':
                Push(new PickleTuple(PopMany(code - '\u0084')));
                break;
            case ']':
                Push(new PickleList());
                break;
            case 'l':
                Fill(new PickleList(), PopToMark());
                break;
            case 'a':
                Fill(PopMany(1));
                break;
            case 'e':
                Fill(PopToMark());
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 's':
                Put(PopMany(2));
                break;
            case 'u':
                Put(PopToMark());
                break;
            case '\u0081':
                Push(New(PopMany(2)));
                break;
            case 'R':
                Push(Reduce(PopMany(2)));
                break;
            case 'Q':
                Push(Storage(Pop()));
                break;
            case 'b':
                Build(PopMany(2));
                break;
            default:
                throw Refuse($"holds the instruction 0x{(int)code:x2}, which torch.jit.save does not write");
        }
    }

    private void Recall(int index) => Push(_memo.TryGetValue(index, out object? kept) ? kept : throw Refuse("asks for what it did not keep"));

    private void Fill(object?[] items)
    {
        if (Pop() is not PickleList list)
            throw Refuse("adds to what is no list");
        Fill(list, items);
    }

    private void Fill(PickleList list, object?[] items)
    {
        list.Items.AddRange(items);
        Push(list);
    }

    private void Put(object?[] items)
    {
        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw Refuse("sets items of what is no dictionary");
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Items.Add((items[i], items[i + 1]));
    }

    private void Build(object?[] parts)
    {
        if (parts is not [PickleObject { State: null } built, PickleDictionary state])
            throw Refuse("builds something else than a module from a dictionary");
        built.State = state;
        Push(built);
    }

    private int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private long ReadLong(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
            throw Refuse("holds a whole number of more than 64 bits");
        long value = 0;
        for (int i = 0; i < bytes.Length; i++)
            value |= (long)bytes[i] << (8 * i);
        int unused = 64 - (8 * bytes.Length);
        return unused is 64 ? 0 : value << unused >> unused;
    }

    private string ReadLine()
    {
        int end = Array.IndexOf(_bytes, (byte)'\n', _position);
        if (end < 0)
            throw Refuse("ends within a name");
        string line = Encoding.UTF8.GetString(Take(end - _position));
        _position++;
        return line;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _bytes.Length - _position)
            throw Refuse("ends too early");
        _position += count;
        return _bytes.AsSpan(_position - count, count);
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Top() => _stack.Count > 0 ? _stack[^1] : throw Refuse("takes from nothing");

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count)
    {
        if (_stack.Count < count || _stack[^count..].Contains(Mark))
            throw Refuse("takes from nothing");
        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Refuse("takes from nothing");
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private ArgumentException Refuse(string why) => ScriptArchive.Refuse($"{_name} {why}");
}
