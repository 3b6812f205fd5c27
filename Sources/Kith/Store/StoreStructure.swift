import LMDB

/// The proof of a store's file that comes before LMDB reads its pages.
///
/// LMDB believes what pages say, and a damaged one can crash the process. So opening proves what opening reads, the table of
/// tables and `meta`; a check, a backup and an open with ``GraphStore/Options/Verification/structure`` prove every page.
enum StoreStructure {
    /// The tables of the store at `path`, after what is to be read of the file was proved.
    ///
    /// - Throws: ``LMDBError/unsound(tree:problem:)``, ``GraphStoreError/damaged(table:node:reason:)``, and what
    ///   ``StoreTables/init(in:at:)`` throws.
    static func tables(
        of environment: Environment, at path: String, _ verification: GraphStore.Options.Verification
    ) throws -> StoreTables {
        var report = StructureReport()
        let scope: StructureReport.Scope =
            switch verification {
            case .none: .tables([StoreMeta.tableName])
            case .structure: .file
            }
        _ = try environment.beginRead(proving: scope, problemsMax: 1, report: &report)
        try report.throwProblem()
        let tables = try StoreTables(in: environment, at: path)
        if verification == .structure, let (table, problem) = report.unfitTables(tables).first {
            throw GraphStoreError.damaged(table: table, node: nil, reason: problem)
        }
        return tables
    }
}

extension StructureReport {
    /// The tables of a store whose keys are not of the size or kind that they are looked up by, each with what is wrong.
    func unfitTables(_ tables: StoreTables) -> [(table: String, problem: String)] {
        var expected: [(name: String, keyBytes: Int?)] = [(StoreMeta.tableName, nil)]
        for dictionary in tables.dictionaries {
            expected.append((NodeDictionary.idsName(dictionary.kind), nil))
            expected.append((NodeDictionary.keysName(dictionary.kind), MemoryLayout<UInt32>.size))
        }
        for edges in tables.edges {
            for table in [edges.out, edges.in] { expected.append((table.name, MemoryLayout<UInt64>.size)) }
        }
        return expected.compactMap { name, keyBytes in
            switch (self.tables[name], keyBytes) {
            case (nil, _): (name, "the table is missing")
            case (.bytes, nil), (.integers(bytes: nil), .some): nil
            case (.integers(let found), let keyBytes?):
                found == keyBytes ? nil : (name, "its keys have \(found ?? 0) bytes, and should have \(keyBytes)")
            case (.bytes, .some): (name, "its keys are byte strings, and should be integers")
            case (.integers, nil): (name, "its keys are integers, and should be byte strings")
            }
        }
    }
}

extension IntegrityReport {
    /// What a proof of the structure found.
    init(_ structure: StructureReport) {
        pages = structure.pages
        problemCount = structure.problemCount
        problems = structure.problems.map { .init(kind: .structure, table: $0.tree, node: nil, message: $0.message) }
    }

    /// Adds the values of the table `meta` that do not give their checksums, by their keys.
    mutating func noteWrongValues(_ keys: [String]) {
        for key in keys {
            problemCount += 1
            problems.append(
                .init(
                    kind: .checksum, table: StoreMeta.tableName, node: nil,
                    message: StoreMeta.wrongChecksumMessage(key)))
        }
    }

    /// Adds the tables that lookups cannot be done in.
    mutating func noteUnfitTables(_ structure: StructureReport, _ tables: StoreTables) {
        for (table, problem) in structure.unfitTables(tables) {
            problemCount += 1
            problems.append(.init(kind: .structure, table: table, node: nil, message: problem))
        }
    }
}
