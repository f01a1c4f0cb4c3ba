using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Packs the condition columns of a row into the numbers that a denoiser reads.</summary>
/// <remarks>Immutable and thread safe.</remarks>
internal sealed class ConditionPacker
{
    private const string Expected = "a key, Boolean, Single or known-size vector of Single or of keys";
    // Above it not every whole number is a Single.
    private const int LargestIndex = 1 << 24;

    private readonly DataViewSchema.Column[] _columns;
    private readonly KeyBinding?[] _keys;

    /// <summary>A packer for columns of a schema.</summary>
    /// <param name="schema">The schema of the rows.</param>
    /// <param name="names">The names of the condition columns, one for each slot of the layout that a column gives.</param>
    /// <param name="layout">What the model was trained with.</param>
    /// <param name="unknown">What becomes of values that the model does not know; errors where null.</param>
    /// <param name="sources">The columns that keys were mapped from, one for each name; null for none that is known.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, of the wrong type, has another number of values, or keys that stand for other values.</exception>
    public ConditionPacker(DataViewSchema schema, IReadOnlyList<string> names, ConditionLayout layout, UnknownValueRule? unknown = null, IReadOnlyList<KeySource>? sources = null)
    {
        ConditionSlot[] given = [.. layout.Slots.Where(slot => slot.ComesFromData)];
        if (names.Count != given.Length)
            throw new ArgumentException($"There are {names.Count} condition columns but {given.Length} conditions.", nameof(names));
        Layout = layout;
        _columns = new DataViewSchema.Column[names.Count];
        _keys = new KeyBinding?[names.Count];
        for (int i = 0; i < names.Count; i++)
        {
            _columns[i] = SchemaErrors.Find(schema, names[i], $"The model was trained with it as a condition: {Describe(given[i])}.");
            var slot = SlotOf(_columns[i], given[i].Name, (given[i] as PictureCondition)?.Shape, given[i] is SequenceCondition);
            if (slot is KeyCondition keys && given[i] is KeyCondition trained && keys.WithKeys(1, null) == trained.WithKeys(1, null))
                _keys[i] = KeyBinding.Of(schema, _columns[i], keys, trained, sources?.ElementAtOrDefault(i), unknown ?? UnknownValueRule.Strict);
            else if (slot != given[i] && !IsFlat(slot, given[i]) && !IsOfOtherRange(slot, given[i]))
                throw SchemaErrors.Mismatch(names[i], $"{Describe(given[i])}, as in training", Describe(slot));
        }
    }

    /// <summary>What the packed numbers are.</summary>
    public ConditionLayout Layout { get; }

    /// <summary>The indices of the columns that are read.</summary>
    public IEnumerable<int> Inputs => [.. _columns.Concat(_keys.Select(keys => keys?.Source).OfType<DataViewSchema.Column>()).Select(column => column.Index).Distinct()];

    /// <summary>The layout of condition columns of a model of samples of a shape: for pictures, columns of three dimensions are pictures, whose range is measured.</summary>
    /// <param name="data">The training data; read once where a column has pictures.</param>
    /// <param name="names">The names of the columns.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <param name="sequences">The columns of three dimensions, [1, tokens, width], that are sequences nevertheless.</param>
    /// <param name="cancellation">Ends the pass with an exception.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or can not be a condition.</exception>
    /// <exception cref="InvalidOperationException">A column of pictures has none.</exception>
    public static ConditionLayout LayoutOf(IDataView data, IReadOnlyList<string> names, DataShape sample, IReadOnlyList<string>? sequences = null, CancellationToken cancellation = default)
    {
        var layout = new ConditionLayout([.. names.Select(name => SlotOf(SchemaErrors.Find(data.Schema, name), name, sample, sequences?.Contains(name) == true))]);
        return PictureRange.Measure(data, names, layout, cancellation);
    }

    /// <summary>The layout of condition columns, without pictures: columns of three dimensions are vectors.</summary>
    /// <param name="schema">The schema of the training data.</param>
    /// <param name="names">The names of the columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or can not be a condition.</exception>
    public static ConditionLayout LayoutOf(DataViewSchema schema, IReadOnlyList<string> names)
        => new([.. names.Select(name => SlotOf(SchemaErrors.Find(schema, name), name, null))]);

    /// <summary>Checks condition columns of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or can not be a condition.</exception>
    public static void Check(SchemaShape shape, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            var column = SchemaErrors.Find(shape, name);
            bool scalar = column.Kind == SchemaShape.Column.VectorKind.Scalar;
            bool vector = column.Kind == SchemaShape.Column.VectorKind.Vector;
            bool fits = column.IsKey ? scalar || vector
                : column.ItemType.Equals(NumberDataViewType.Single) ? scalar || vector
                : scalar && column.ItemType is BooleanDataViewType;
            if (!fits)
                throw SchemaErrors.Mismatch(name, Expected, column, Help(column.ItemType, name));
        }
    }

    /// <summary>What packs the current row of a row or cursor, in which the columns of <see cref="Inputs"/> are active.</summary>
    /// <param name="row">The row or cursor.</param>
    public RowWriter Bind(DataViewRow row)
    {
        var writers = new RowWriter[Layout.Slots.Count];
        int column = 0;
        for (int i = 0; i < writers.Length; i++)
        {
            var slot = Layout.Slots[i];
            writers[i] = slot.ComesFromData ? SlotWriters.For(row, _columns[column], slot, _keys[column++]) : destination => destination.Fill(slot.Missing);
        }
        return destination =>
        {
            for (int i = 0; i < writers.Length; i++)
                writers[i](destination.Slice(Layout.OffsetOf(i), Layout.Slots[i].Width));
        };
    }

    // Numbers are numbers: a model that takes a vector takes one of two dimensions too.
    private static bool IsFlat(ConditionSlot slot, ConditionSlot expected) => slot is SequenceCondition && expected is VectorCondition && slot.Width == expected.Width;

    private static bool IsOfOtherRange(ConditionSlot slot, ConditionSlot expected)
        => slot is PictureCondition picture && expected is PictureCondition trained && picture == new PictureCondition(trained.Name, trained.Shape, trained.Source);

    private static ConditionSlot SlotOf(DataViewSchema.Column column, string name, DataShape? sample, bool isSequence = false) => column.Type switch
    {
        KeyDataViewType { Count: <= LargestIndex } key => new ClassCondition(name, (int)key.Count) { Values = KeyValues.Of(column) },
        VectorDataViewType { Size: > 0, ItemType: KeyDataViewType { Count: <= LargestIndex } key } tokens => new TokensCondition(name, tokens.Size, (int)key.Count) { Values = KeyValues.Of(column) },
        VectorDataViewType { Size: > 0, Dimensions: [1, var tokens, var width] } sequence when isSequence && sequence.ItemType.Equals(NumberDataViewType.Single) => new SequenceCondition(name, tokens, width),
        VectorDataViewType { Size: > 0, Dimensions: [var channels, var height, var width] } picture when picture.ItemType.Equals(NumberDataViewType.Single) && sample is { IsImage: true }
            => PictureOf(column, name, sample, new DataShape(channels, height, width)),
        BooleanDataViewType => new ClassCondition(name, 2) { Values = KeyValues.Booleans },
        VectorDataViewType { Size: > 0, Dimensions: [var tokens, var width] } sequence when sequence.ItemType.Equals(NumberDataViewType.Single) => new SequenceCondition(name, tokens, width),
        VectorDataViewType { Size: > 0 } vector when vector.ItemType.Equals(NumberDataViewType.Single) => new VectorCondition(name, vector.Size),
        var type when type.Equals(NumberDataViewType.Single) => new VectorCondition(name, 1),
        var type => throw SchemaErrors.Mismatch(column.Name, Expected, type, Help(type, column.Name)),
    };

    private static PictureCondition PictureOf(DataViewSchema.Column column, string name, DataShape sample, DataShape picture)
    {
        PictureLayout.RequireChannelsFirst(column, null);
        return new PictureCondition(name, new DataShape(picture.Dimensions[0], sample.Dimensions[1], sample.Dimensions[2]), picture);
    }

    private static string Describe(ConditionSlot slot) => slot switch
    {
        KeyCondition condition => condition.Describe(),
        PictureCondition condition => $"pictures {condition.Source} (Single)",
        SequenceCondition condition => $"{Plural.Of(condition.Tokens, "token")} of {Plural.Of(condition.TokenWidth, "number")} (Single)",
        VectorCondition condition => $"{Plural.Of(condition.Size, "number")} (Single)",
        _ => slot.ToString(),
    };

    private static string Help(DataViewType type, string name) => type switch
    {
        VectorDataViewType { Size: 0, ItemType: KeyDataViewType } => "Give the vector its length: d.Transforms.TokenizeText makes such columns of text.",
        VectorDataViewType { Size: 0 } => "Give the vector its length, for example with [VectorType(16)] on the member it was loaded from.",
        NumberDataViewType or VectorDataViewType { ItemType: NumberDataViewType }
            => $"For classes use ml.Transforms.Conversion.MapValueToKey(\"{name}\"), for numbers ml.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single).",
        TextDataViewType => $"For classes use ml.Transforms.Conversion.MapValueToKey(\"{name}\"), for texts d.Transforms.TokenizeText(\"Tokens\", \"{name}\").",
        _ => $"Use ml.Transforms.Conversion.MapValueToKey(\"{name}\").",
    };
}

/// <summary>Writes something of the current row as numbers.</summary>
/// <param name="destination">Where the numbers go.</param>
internal delegate void RowWriter(Span<float> destination);
